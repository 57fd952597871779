using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PaaS.Hosting.Tests;

public sealed class TlsCertificatesTests : IDisposable
{
    private readonly TlsCertificates _certificates = new();
    private readonly List<X509Certificate2> _made = [];

    public void Dispose() => _made.ForEach(static certificate => certificate.Dispose());

    [Theory]
    [InlineData("www.example.com", "www.example.com")]
    [InlineData("WWW.Example.com", "www.example.com")]
    [InlineData("www.example.com.", "www.example.com")]
    [InlineData("other.example.com", "*.example.com")]
    [InlineData("a.b.example.com", "default")]
    [InlineData("example.com", "default")]
    [InlineData("localhost", "default")]
    [InlineData("", "default")]
    [InlineData(null, "default")]
    public void The_exact_name_comes_first_then_the_wildcard_one_label_up_then_the_default(string? asked, string expected)
    {
        _certificates.Set([Make("www.example.com"), Make("*.example.com"), Make("")]);

        Assert.Equal("CN=" + expected, _certificates.Find(asked).ServerCertificateContext!.TargetCertificate.Subject);
    }

    [Fact]
    public void Without_a_default_a_name_that_no_certificate_is_for_is_refused()
    {
        Assert.Throws<AuthenticationException>(() => _certificates.Find("www.example.com"));
        _certificates.Set([Make("www.example.com")]);

        Assert.Throws<AuthenticationException>(() => _certificates.Find("example.com"));
        Assert.Throws<AuthenticationException>(() => _certificates.Find(null));
    }

    [Fact]
    public void What_is_set_takes_the_place_of_all_that_there_was()
    {
        _certificates.Set([Make("www.example.com")]);
        var before = _certificates.Find("www.example.com");
        Assert.Same(before, _certificates.Find("www.example.com"));

        _certificates.Set([Make("www.example.com"), Make("new.example.com")]);

        Assert.NotSame(before, _certificates.Find("www.example.com"));
        Assert.NotNull(_certificates.Find("new.example.com"));
    }

    private HostCertificate Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={(name.Length == 0 ? "default" : name)}", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _made.Add(certificate);
        return new HostCertificate(name, certificate, []);
    }
}
