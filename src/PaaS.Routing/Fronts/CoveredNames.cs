using System.Security.Cryptography.X509Certificates;

namespace PaaS.Routing;

/// <summary>The host names that may be asked for on an encrypted connection (H31): the one that the client named at the handshake, and those of the certificate that it was shown.</summary>
internal sealed class CoveredNames(string name, X509Certificate2? certificate)
{
    private Answer _last = new(name, IsCovered: true);

    /// <summary>Whether a host may be asked for.</summary>
    /// <param name="host">Lower-case, without port.</param>
    public bool Covers(string host)
    {
        var last = Volatile.Read(ref _last);
        if (last.Host == host)
        {
            return last.IsCovered;
        }

        var isCovered = host.Equals(name, StringComparison.OrdinalIgnoreCase) || (certificate is not null && Matches(certificate, host));
        Volatile.Write(ref _last, new Answer(host, isCovered));
        return isCovered;
    }

    private static bool Matches(X509Certificate2 certificate, string host)
    {
        // What can't be a name of the Internet's (an underscore, an empty label) is in no certificate.
        return Uri.CheckHostName(host) != UriHostNameType.Unknown && certificate.MatchesHostname(host);
    }

    private sealed record Answer(string Host, bool IsCovered);
}
