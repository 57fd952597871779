using System.Security.Cryptography.X509Certificates;

namespace PaaS.Hosting;

/// <summary>A certificate as it is in its files.</summary>
/// <param name="Name">The host name, lower-case; <c>*.example.com</c> for all below it, empty for every other name.</param>
/// <param name="Leaf">The certificate with its private key.</param>
/// <param name="Chain">The certificates that are sent with it, the leaf not among them.</param>
internal sealed record HostCertificate(string Name, X509Certificate2 Leaf, X509Certificate2Collection Chain);
