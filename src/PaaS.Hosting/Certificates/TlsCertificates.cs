using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;

namespace PaaS.Hosting;

/// <summary>Chooses the certificate of a handshake by the name that the client asks for (SNI). A change counts for the next handshake.</summary>
internal sealed class TlsCertificates
{
    private static readonly List<SslApplicationProtocol> s_protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
    private FrozenDictionary<string, SslServerAuthenticationOptions> _byName = FrozenDictionary<string, SslServerAuthenticationOptions>.Empty;

    /// <summary>Takes certificates in place of all that there were.</summary>
    public void Set(IReadOnlyCollection<HostCertificate> certificates) =>
        Volatile.Write(ref _byName, certificates.ToFrozenDictionary(static certificate => certificate.Name, OptionsOf, StringComparer.OrdinalIgnoreCase));

    /// <summary>The settings of a handshake: those of the exact name, else of the closest wildcard above it by one label, else the default.</summary>
    /// <param name="name">What the client asks for; null or empty if it names nothing.</param>
    /// <exception cref="AuthenticationException">There is no certificate for it.</exception>
    public SslServerAuthenticationOptions Find(string? name)
    {
        var byName = Volatile.Read(ref _byName);
        var host = (name ?? string.Empty).TrimEnd('.');
        return byName.TryGetValue(host, out var found)
            || (host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && byName.TryGetValue("*" + host[dot..], out found))
            || byName.TryGetValue(string.Empty, out found)
            ? found
            : throw new AuthenticationException($"There is no certificate for '{host}'.");
    }

    // One object per certificate, so that sessions are resumed. Offline: what is sent is what the file holds, and nothing is fetched for it.
    private static SslServerAuthenticationOptions OptionsOf(HostCertificate certificate) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = s_protocols,
    };
}
