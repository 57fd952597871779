using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PaaS.EndToEnd;

/// <summary>A host with HTTPS, and an app with pages of its own on a server with TLS.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class TlsTests : IAsyncLifetime, IDisposable
{
    private const string Name = "floating-dragon-42";
    private const string Server = """
        require('http').createServer((request, response) => {
          console.log('has ' + request.url);
          setTimeout(() => response.end('{"code":"one"}'), request.url.startsWith('/slow') ? 1500 : 0);
        }).listen(process.env.PORT);
        """;

    private readonly RunningHost _host;
    private readonly string _certificates;
    private readonly TestAuthority _authority;
    private Client _client = null!;
    private WebApplication _pages = null!;

    public TlsTests()
    {
        var root = Directory.CreateTempSubdirectory("paas-e2e-tls-").FullName;
        _certificates = Directory.CreateDirectory(Path.Combine(root, "certificates")).FullName;
        _authority = new TestAuthority(root);
        _host = new RunningHost("--router-https-port", "0", "--certificates", _certificates, "--outbound-allow", "127.0.0.1")
        {
            Variables = { ["SSL_CERT_FILE"] = _authority.File },
        };
        _authority.Write(Path.Combine(_certificates, $"{Name}.localhost"), $"{Name}.localhost");
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_authority.Issue("127.0.0.1"))));
        _pages = builder.Build();
        _pages.Run(context =>
        {
            context.Response.ContentType = "application/xhtml+xml";
            return context.Response.WriteAsync($"our own page{context.Request.Path}");
        });
        await _pages.StartAsync();
        await _host.StartAsync();
        _client = new Client(_host);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _pages.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _authority.Dispose();
        Directory.Delete(Path.GetDirectoryName(_certificates)!, recursive: true);
    }

    [Fact]
    public async Task An_app_answers_over_HTTPS_shows_its_own_pages_when_it_does_not_and_loses_no_request_when_the_host_stops()
    {
        var app = await _client.CreateAppAsync(Name);
        using var repository = await Repository.MakeAsync(_host, app, TinyApp.Script(Server));
        await repository.DeployAsync();

        await SpeaksBothVersionsAsync(app);
        await RefusesOtherNamesAsync();
        await ShowsItsOwnPagesAsync(app);
        await FinishesWhatItHasBegunAsync(app);
    }

    private async Task SpeaksBothVersionsAsync(string app)
    {
        Assert.Equal("1.1 200 one", await CurlAsync(app, "/old", "--http1.1"));
        Assert.Equal("2 200 one", await CurlAsync(app, "/new", "--http2"));
        Assert.Equal(HttpStatusCode.OK, (await _client.BrowseAsync(app, "/plain")).Status);

        await Eventually.HoldsAsync("three lines of the router", async () => (await _client.LogAsync(app)).Split("heroku[router]").Length == 4);
        var log = await _client.LogAsync(app);
        Assert.Matches(@"path=""/old"" .* protocol=http1\.1 tls=true tls_version=tls1\.3", log);
        Assert.Matches(@"path=""/new"" .* protocol=http2\.0 tls=true tls_version=tls1\.3", log);
        Assert.Matches(@"path=""/plain"" .* protocol=http1\.1 tls=false", log);
    }

    private async Task RefusesOtherNamesAsync()
    {
        var other = await Command.RunAsync("curl", ["-sS", "--cacert", _authority.File, "--resolve", $"www.example.test:{_host.HttpsPort}:127.0.0.1", $"https://www.example.test:{_host.HttpsPort}/"]);

        Assert.True(other.Status == 35, $"curl has to be refused the handshake (35), but ended with {other.Status}: {other.Output}");
    }

    private async Task ShowsItsOwnPagesAsync(string app)
    {
        var url = _pages.Urls.Single();
        await _client.SetAsync(app, new { ERROR_PAGE_URL = $"{url}/error", MAINTENANCE_PAGE_URL = url["https:".Length..] + "/maintenance" });
        await Eventually.HoldsAsync("both pages are there", async () => (await _client.LogAsync(app)).Split("_PAGE_URL: fetched a page of").Length == 3);

        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}", new { maintenance = true });
        await Eventually.HoldsAsync("the page for maintenance", async () => await _client.BrowseAsync(app) is (HttpStatusCode.ServiceUnavailable, "our own page/maintenance"));
        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}", new { maintenance = false });
        await _client.ScaleAsync(app, ("web", 0));
        await Eventually.HoldsAsync("the page for errors", async () => await _client.BrowseAsync(app) is (HttpStatusCode.ServiceUnavailable, "our own page/error"));
        Assert.Contains("content-type: application/xhtml+xml", (await CurlAsync(app, "/", "--http2", "--include", "--write-out", "")).ToLowerInvariant(), StringComparison.Ordinal);
    }

    private async Task FinishesWhatItHasBegunAsync(string app)
    {
        await _client.ScaleAsync(app, ("web", 1));
        await _client.UpAsync(app, "web.1");
        var (plain, old, @new) = (_client.BrowseAsync(app, "/slow/0"), CurlAsync(app, "/slow/1", "--http1.1"), CurlAsync(app, "/slow/2", "--http2"));
        await Eventually.HoldsAsync("the dyno has all three", async () => (await _client.LogAsync(app)).Split("has /slow/").Length == 4);

        var stopped = _host.StopAsync();

        Assert.Equal((HttpStatusCode.OK, "1.1 200 one", "2 200 one"), ((await plain).Status, await old, await @new));
        Assert.Equal(0, await stopped);
    }

    /// <summary>What the real curl makes of it: version, status, and the code that the app says it is.</summary>
    private async Task<string> CurlAsync(string app, string path, params string[] options)
    {
        var name = $"{app}.localhost";
        string[] plain = ["-sS", "--cacert", _authority.File, "--resolve", $"{name}:{_host.HttpsPort}:127.0.0.1", "--write-out", "\n%{http_version} %{http_code}"];
        var curl = await Command.RunAsync("curl", [.. plain, .. options, $"https://{name}:{_host.HttpsPort}{path}"]);
        Assert.True(curl.Status == 0, $"curl (install it if it is missing) ended with {curl.Status}: {curl.Output}");
        var lines = curl.Output.Trim().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 2 && lines[0].Contains("\"code\":\"one\"", StringComparison.Ordinal) ? lines[1] + " one" : curl.Output;
    }
}
