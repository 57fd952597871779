using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// The certificates in a directory, at one moment: <c>NAME.crt</c> with <c>NAME.key</c>, or both in <c>NAME.pem</c>. The certificate of the name comes
/// first in its file, those that lead to a root follow, as every authority hands them out.
/// </summary>
/// <param name="Certificates">Those that can be used.</param>
/// <param name="Failed">The names whose files cannot be read as a certificate and its key.</param>
/// <param name="Problems">What is wrong, a sentence each, with the file.</param>
/// <param name="Digest">Of all that was read: the same as long as nothing has changed.</param>
internal sealed record CertificateFiles(ImmutableArray<HostCertificate> Certificates, ImmutableHashSet<string> Failed, ImmutableArray<string> Problems, string Digest)
{
    private const string DefaultName = "default";
    private const string WildcardPrefix = "_.";
    private const int MaxFileBytes = 1 << 20;
    private const int MaxFiles = 10_000;

    /// <summary>Reads them. One bad file spoils none of the others.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static CertificateFiles Read(string directory, DateTimeOffset now)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var found = new Dictionary<string, HostCertificate>(StringComparer.Ordinal);
        var failed = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        var problems = ImmutableArray.CreateBuilder<string>();
        var files = Directory.EnumerateFiles(directory).Where(static file => Path.GetExtension(file) is ".crt" or ".pem").Order(StringComparer.Ordinal).Take(MaxFiles + 1).ToList();
        if (files.Count > MaxFiles)
        {
            throw new IOException($"'{directory}' holds more than {MaxFiles} certificates.");
        }

        foreach (var file in files)
        {
            if (NameOf(file) is not { } name)
            {
                problems.Add($"{file} is named for no host: name it after one, such as www.example.com.crt, _.example.com.crt for *.example.com, or default.crt.");
                continue;
            }

            try
            {
                var certificate = ReadOne(file, name, digest);
                if (!found.TryAdd(name, certificate))
                {
                    problems.Add($"{file} is not used: there is another certificate for the same name.");
                    continue;
                }

                if (Doubt(certificate, now) is { } doubt)
                {
                    problems.Add($"{file} {doubt}");
                }
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                failed.Add(name);
                problems.Add($"{file} is not used: {exception.Message} It has to hold the certificate and those that lead to its root, in PEM, and {(Path.GetExtension(file) == ".crt" ? Path.ChangeExtension(file, ".key") : "behind them")} its private key, unencrypted.");
            }
        }

        return new CertificateFiles([.. found.Values], failed.ToImmutable().Except(found.Keys), problems.ToImmutable(), Convert.ToHexString(digest.GetHashAndReset()));
    }

    private static HostCertificate ReadOne(string file, string name, IncrementalHash digest)
    {
        var certificates = ReadText(file, digest);
        var key = Path.GetExtension(file) == ".crt" ? ReadText(Path.ChangeExtension(file, ".key"), digest) : certificates;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        if (chain.Count > 0)
        {
            chain[0].Dispose();
            chain.RemoveAt(0);
        }

        return new HostCertificate(name, X509Certificate2.CreateFromPem(certificates, key), chain);
    }

    private static string ReadText(string file, IncrementalHash digest)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MaxFileBytes)
        {
            throw new IOException($"It has more than {MaxFileBytes} bytes.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        digest.AppendData(Encoding.UTF8.GetBytes($"{file}\0{bytes.Length}\0"));
        digest.AppendData(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The host name that a file is for; null if it is for none.</summary>
    private static string? NameOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file).ToLowerInvariant();
        var isWildcard = name.StartsWith(WildcardPrefix, StringComparison.Ordinal);
        var host = isWildcard ? name[WildcardPrefix.Length..] : name;
        return name == DefaultName ? string.Empty
            : !OutboundHost.IsName(host) || Uri.CheckHostName(host) != UriHostNameType.Dns ? null
            : isWildcard ? "*." + host
            : host;
    }

    /// <summary>What is odd about a certificate that is used all the same.</summary>
    private static string? Doubt(HostCertificate certificate, DateTimeOffset now)
    {
        var name = certificate.Name.StartsWith('*') ? "any" + certificate.Name[1..] : certificate.Name;
        return certificate.Leaf.NotAfter.ToUniversalTime() <= now ? $"has expired on {certificate.Leaf.NotAfter.ToUniversalTime():u}."
            : certificate.Leaf.NotBefore.ToUniversalTime() > now ? $"is not valid before {certificate.Leaf.NotBefore.ToUniversalTime():u}."
            : name.Length > 0 && !certificate.Leaf.MatchesHostname(name) ? $"holds a certificate that is not for {certificate.Name}: browsers will refuse it."
            : null;
    }
}
