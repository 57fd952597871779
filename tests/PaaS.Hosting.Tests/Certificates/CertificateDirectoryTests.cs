using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class CertificateDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-certificates-");
    private readonly ManualTimeProvider _time = new();
    private readonly Lines _log = new();
    private readonly List<IReadOnlyCollection<HostCertificate>> _published = [];
    private CertificateDirectory? _certificates;

    public void Dispose()
    {
        _certificates?.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Each_file_is_for_the_host_that_it_is_named_for()
    {
        Write("www.example.com", "www.example.com");
        Write("_.Example.org", "*.example.org");
        Write("default", "anything.test");
        var (certificate, key) = Make("api.example.com");
        File.WriteAllText(At("api.example.com.pem"), certificate + Make("an authority").Certificate + key);
        File.WriteAllText(At("readme.txt"), "Not a certificate.");

        Open();

        Assert.Equal(["", "*.example.org", "api.example.com", "www.example.com"], Newest.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(Newest, one => Assert.True(one.Leaf.HasPrivateKey));
        Assert.Equal(["CN=an authority"], Named("api.example.com").Chain.Select(one => one.Subject));
        Assert.Equal("CN=api.example.com", Named("api.example.com").Leaf.Subject);
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public void A_renewed_certificate_is_used_within_ten_seconds_and_nothing_happens_as_long_as_nothing_changes()
    {
        Write("www.example.com", "www.example.com");
        Open();
        var before = Named("www.example.com").Leaf.SerialNumber;
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Single(_published);

        Write("www.example.com", "www.example.com");
        Write("new.example.com", "new.example.com");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, _published.Count);
        Assert.NotEqual(before, Named("www.example.com").Leaf.SerialNumber);
        Assert.Equal(2, Newest.Count);
        File.Delete(At("new.example.com.crt"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["www.example.com"], Newest.Select(one => one.Name));
    }

    [Fact]
    public void A_renewal_through_a_link_is_seen()
    {
        var (old, other) = (_directory.CreateSubdirectory("old"), _directory.CreateSubdirectory("new"));
        Write("old/www.example.com", "www.example.com");
        Write("new/www.example.com", "www.example.com");
        foreach (var file in new[] { "www.example.com.crt", "www.example.com.key" })
        {
            File.CreateSymbolicLink(At(file), Path.Combine(old.FullName, file));
        }

        Open();
        var before = Named("www.example.com").Leaf.SerialNumber;
        foreach (var file in new[] { "www.example.com.crt", "www.example.com.key" })
        {
            File.Delete(At(file));
            File.CreateSymbolicLink(At(file), Path.Combine(other.FullName, file));
        }

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.NotEqual(before, Named("www.example.com").Leaf.SerialNumber);
    }

    [Fact]
    public void A_renewal_that_is_half_written_leaves_the_certificate_in_use_and_is_told()
    {
        Write("www.example.com", "www.example.com");
        Open();
        var before = Named("www.example.com").Leaf.SerialNumber;
        File.WriteAllText(At("www.example.com.crt"), Make("www.example.com").Certificate);

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(before, Named("www.example.com").Leaf.SerialNumber);
        Assert.Contains("www.example.com.crt is not used", Assert.Single(_log.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no host.crt", "is named for no host")]
    [InlineData("www.example.com.crt", "www.example.com.key")]
    [InlineData("www.example.com.pem", "is not used")]
    public void What_is_no_certificate_spoils_no_other_and_is_told_with_its_file(string file, string problem)
    {
        Write("good.example.com", "good.example.com");
        File.WriteAllText(At(file), "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");

        Open();

        Assert.Equal(["good.example.com"], Newest.Select(one => one.Name));
        var told = Assert.Single(_log.Warnings);
        Assert.Contains(At(file), told, StringComparison.Ordinal);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_another_host_and_one_that_has_expired_are_used_and_told()
    {
        Write("www.example.com", "www.example.net");
        Write("old.example.com", "old.example.com", until: _time.GetUtcNow().AddDays(-1));

        Open();

        Assert.Equal(2, Newest.Count);
        Assert.Contains(_log.Warnings, line => line.Contains("is not for www.example.com", StringComparison.Ordinal));
        Assert.Contains(_log.Warnings, line => line.Contains("old.example.com.crt has expired on 2026-11-19", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_that_is_not_there_is_said_and_an_empty_one_may_be_filled_later()
    {
        Assert.Throws<DirectoryNotFoundException>(() => CertificateDirectory.Open(At("missing"), _published.Add, _time, _log));

        Open();
        Assert.Contains("holds no certificate", Assert.Single(_log.Warnings), StringComparison.Ordinal);
        Write("www.example.com", "www.example.com");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Single(Newest);
    }

    private IReadOnlyCollection<HostCertificate> Newest => _published[^1];

    private HostCertificate Named(string name) => Newest.Single(one => one.Name == name);

    private void Open() => _certificates = CertificateDirectory.Open(_directory.FullName, _published.Add, _time, _log);

    private string At(string file) => Path.Combine(_directory.FullName, file);

    private void Write(string file, string host, DateTimeOffset? until = null)
    {
        var (certificate, key) = Make(host, until);
        File.WriteAllText(At(file + ".crt"), certificate);
        File.WriteAllText(At(file + ".key"), key);
    }

    private (string Certificate, string Key) Make(string host, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host.Replace(' ', '-'));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(_time.GetUtcNow().AddYears(-1), until ?? _time.GetUtcNow().AddYears(1));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private sealed class Lines : ILogger
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                Warnings.Add(formatter(state, exception));
            }
        }
    }
}
