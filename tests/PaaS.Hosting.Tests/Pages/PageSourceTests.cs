using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting.Tests;

/// <summary>Pages from a real server on loopback, which the operator allows.</summary>
public sealed class PageSourceTests : IAsyncLifetime, IDisposable
{
    private WebApplication _server = null!;
    private OutboundGuard _guard = null!;
    private string _base = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync();
        _base = _server.Urls.Single();
        var options = new OutboundOptions { AllowHttp = true };
        options.Allowed.Add("127.0.0.1");
        _guard = new OutboundGuard(options, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _guard.Dispose();

    [Theory]
    [InlineData("/html", "text/html; charset=utf-8", "<h1>down</h1>")]
    [InlineData("/json", "application/json", "{}")]
    [InlineData("/typeless", "text/html; charset=utf-8", "plain")]
    [InlineData("/odd-type", "text/html; charset=utf-8", "odd")]
    [InlineData("/moved", "text/html; charset=utf-8", "<h1>down</h1>")]
    public async Task A_page_comes_with_its_own_type(string path, string type, string text)
    {
        var page = await FetchAsync(path);

        Assert.Equal((type, text), (page.ContentType, Encoding.UTF8.GetString(page.Body.Span)));
    }

    [Theory]
    [InlineData("/empty", OutboundFailure.BadAnswer, "empty page")]
    [InlineData("/gzip", OutboundFailure.BadAnswer, "coding that was not asked for")]
    [InlineData("/large", OutboundFailure.TooLarge, "larger than 1048576 bytes")]
    [InlineData("/missing", OutboundFailure.BadAnswer, "status 404")]
    public async Task What_is_no_page_is_refused_with_the_reason(string path, OutboundFailure failure, string reason)
    {
        var refusal = await Assert.ThrowsAsync<OutboundException>(() => FetchAsync(path));

        Assert.Equal(failure, refusal.Failure);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a url")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//169.254.169.254/latest")]
    public async Task What_leads_anywhere_but_to_the_public_internet_is_refused(string url)
    {
        var refusal = await Assert.ThrowsAsync<OutboundException>(() => new PageSource(_guard).FetchAsync(url, CancellationToken.None));

        Assert.Equal(OutboundFailure.Refused, refusal.Failure);
    }

    [Fact]
    public async Task A_URL_without_a_scheme_is_fetched_over_https()
    {
        // The server here speaks no TLS: that it is asked in TLS shows as a failure, not as a page.
        var failure = await Assert.ThrowsAsync<OutboundException>(() => new PageSource(_guard).FetchAsync(_base["http:".Length..] + "/html", CancellationToken.None));

        Assert.Equal(OutboundFailure.Unreachable, failure.Failure);
    }

    private Task<RoutePage> FetchAsync(string path) => new PageSource(_guard).FetchAsync(_base + path, CancellationToken.None);

    private static async Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        var (type, body) = context.Request.Path.Value switch
        {
            "/html" => ("text/html; charset=utf-8", "<h1>down</h1>"),
            "/json" => ("application/json", "{}"),
            "/typeless" => (null, "plain"),
            "/odd-type" => ($"text/{new string('x', 300)}", "odd"),
            "/empty" => ("text/html", ""),
            "/gzip" => ("text/html", "not really"),
            "/large" => ("text/html", new string('x', PageSource.MaxBytes + 1)),
            _ => (null, null),
        };
        switch (context.Request.Path.Value)
        {
            case "/moved":
                response.Redirect("/html");
                return;
            case "/gzip":
                response.Headers.ContentEncoding = "gzip";
                break;
        }

        if (body is null)
        {
            response.StatusCode = 404;
            return;
        }

        response.ContentType = type;
        await response.WriteAsync(body);
    }
}
