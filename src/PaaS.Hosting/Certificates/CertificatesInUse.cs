using System.Security.Cryptography.X509Certificates;
using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>Hands the router what has changed between two looks at a directory: a certificate that stays the same keeps its TLS sessions.</summary>
internal sealed class CertificatesInUse(RouterCertificates router)
{
    private Dictionary<string, HostCertificate> _used = [];

    /// <summary>Takes all certificates in place of those before. One call at a time.</summary>
    public void Set(IReadOnlyCollection<HostCertificate> certificates)
    {
        var wanted = certificates.ToDictionary(static certificate => certificate.Name);
        foreach (var (name, certificate) in wanted)
        {
            if (!_used.TryGetValue(name, out var used) || !AreSame(used, certificate))
            {
                Use(certificate);
            }
        }

        foreach (var name in _used.Keys.Except(wanted.Keys))
        {
            _ = name.Length == 0 ? router.RemoveDefault() : router.Remove(name);
        }

        _used = wanted;
    }

    private void Use(HostCertificate certificate)
    {
        if (certificate.Name.Length == 0)
        {
            router.SetDefault(certificate.Leaf, certificate.Chain);
        }
        else
        {
            router.Set(certificate.Name, certificate.Leaf, certificate.Chain);
        }
    }

    // The key is that of the leaf, or it could not have been loaded.
    private static bool AreSame(HostCertificate one, HostCertificate other) => Bytes(one).SequenceEqual(Bytes(other));

    private static IEnumerable<string> Bytes(HostCertificate certificate) =>
        certificate.Chain.Prepend(certificate.Leaf).Select(static (X509Certificate2 one) => one.Thumbprint);
}
