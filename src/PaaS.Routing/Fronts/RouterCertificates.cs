using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PaaS.Routing;

/// <summary>
/// The certificates of a router, by host name: chosen at each handshake by the name that the client asks for (SNI), and replaceable while the
/// router runs. Safe for threads; a change counts for the next handshake.
/// </summary>
/// <remarks>
/// An exact name comes before a wildcard, which stands for one label (<c>*.example.com</c> is for <c>a.example.com</c>, not for <c>a.b.example.com</c>: no
/// client would accept it there). For any other name, and for clients that name nothing, there is <see cref="SetDefault"/>.
/// The certificates stay the caller's: dispose one that was replaced when the last handshake that may have begun with it is over.
/// </remarks>
public sealed class RouterCertificates
{
    private const string Default = "";

    private readonly Lock _writing = new();
    private FrozenDictionary<string, Handshakes> _byName = FrozenDictionary<string, Handshakes>.Empty;

    /// <summary>Whether the handshake of a client that asks for a name without a certificate is refused, instead of going on with the default certificate, for a 404 that the client may see after a warning.</summary>
    /// <value>Default <see langword="false"/>. A client that names nothing gets the default certificate in any case.</value>
    public bool RefusesUnknownNames { get; init; }

    /// <summary>The names that have a certificate, lower-case; the default is not among them.</summary>
    public IReadOnlyCollection<string> Names => [.. Volatile.Read(ref _byName).Keys.Where(static name => name != Default)];

    /// <summary>Adds a certificate, or replaces the one that the name had.</summary>
    /// <param name="name">A host name, or <c>*.</c> and a host name; case does not count.</param>
    /// <param name="certificate">The certificate with its private key.</param>
    /// <param name="chain">The certificates between it and its root, which are sent with it; without them they are looked for in the system's stores.</param>
    /// <exception cref="ArgumentException">The name is none, or the certificate has no private key.</exception>
    public void Set(string name, X509Certificate2 certificate, X509Certificate2Collection? chain = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        Set(KeyOf(name), new Handshakes(Checked(certificate, name), chain));
    }

    /// <summary>Sets the certificate for clients that name nothing and, unless <see cref="RefusesUnknownNames"/>, for names without one.</summary>
    /// <param name="certificate">The certificate with its private key.</param>
    /// <param name="chain">As in <see cref="Set(string, X509Certificate2, X509Certificate2Collection?)"/>.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public void SetDefault(X509Certificate2 certificate, X509Certificate2Collection? chain = null) =>
        Set(Default, new Handshakes(Checked(certificate, "the default"), chain));

    /// <summary>Removes the certificate of a name. Connections that are open go on.</summary>
    /// <param name="name">As it was set.</param>
    /// <returns>Whether it had one.</returns>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public bool Remove(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return RemoveKey(KeyOf(name));
    }

    /// <summary>Removes the default certificate. Connections that are open go on.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveDefault() => RemoveKey(Default);

    /// <summary>The settings of a handshake.</summary>
    /// <param name="name">What the client asks for; null or empty if it names nothing.</param>
    /// <param name="protocols">What the port speaks.</param>
    /// <exception cref="AuthenticationException">There is no certificate for it.</exception>
    internal SslServerAuthenticationOptions Find(string? name, HttpProtocols protocols)
    {
        var byName = Volatile.Read(ref _byName);
        var host = (name ?? string.Empty).TrimEnd('.');
        if (host.Length > 0
            && (byName.TryGetValue(host, out var found) || (host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && byName.TryGetValue("*" + host[dot..], out found))))
        {
            return found.For(protocols);
        }

        return (host.Length == 0 || !RefusesUnknownNames) && byName.TryGetValue(Default, out found)
            ? found.For(protocols)
            : throw new AuthenticationException(host.Length == 0
                ? "The client names no host, and the router has no default certificate (RouterCertificates.SetDefault)."
                : $"The router has no certificate for '{host}' (RouterCertificates.Set).");
    }

    private void Set(string key, Handshakes handshakes)
    {
        lock (_writing)
        {
            Volatile.Write(ref _byName, new Dictionary<string, Handshakes>(_byName) { [key] = handshakes }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
        }
    }

    private bool RemoveKey(string key)
    {
        lock (_writing)
        {
            var left = _byName.Where(pair => pair.Key != key).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
            var had = left.Count < _byName.Count;
            Volatile.Write(ref _byName, left);
            return had;
        }
    }

    private static string KeyOf(string name)
    {
        var key = name.TrimEnd('.').ToLowerInvariant();
        var host = key.StartsWith("*.", StringComparison.Ordinal) ? key[2..] : key;
        return Uri.CheckHostName(host) == UriHostNameType.Dns && host.All(char.IsAscii)
            ? key
            : throw new ArgumentException($"'{name}' is neither a host name nor *. and a host name. A name of other scripts has to be in its ASCII form (xn--...).", nameof(name));
    }

    private static X509Certificate2 Checked(X509Certificate2 certificate, string name)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.HasPrivateKey
            ? certificate
            : throw new ArgumentException($"The certificate for {name} has no private key. Load it with its key (X509Certificate2.CreateFromPemFile, X509CertificateLoader.LoadPkcs12).", nameof(certificate));
    }

    /// <summary>The settings of handshakes with one certificate: made once, so that sessions are resumed and the chain is not built each time.</summary>
    private sealed class Handshakes
    {
        private readonly SslServerAuthenticationOptions _http1;
        private readonly SslServerAuthenticationOptions _http2;
        private readonly SslServerAuthenticationOptions _both;

        public Handshakes(X509Certificate2 certificate, X509Certificate2Collection? chain)
        {
            // Offline: what is sent is what was given, and nothing is fetched for it.
            var context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
            _http1 = With(context, [SslApplicationProtocol.Http11]);
            _http2 = With(context, [SslApplicationProtocol.Http2]);
            _both = With(context, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        }

        public SslServerAuthenticationOptions For(HttpProtocols protocols) => (protocols & HttpProtocols.Http1AndHttp2) switch
        {
            HttpProtocols.Http1 => _http1,
            HttpProtocols.Http2 => _http2,
            _ => _both,
        };

        private static SslServerAuthenticationOptions With(SslStreamCertificateContext context, List<SslApplicationProtocol> protocols) => new()
        {
            ServerCertificateContext = context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = protocols,
        };
    }
}
