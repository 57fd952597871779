using System.Net;
using System.Net.Http.Headers;

namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class StaticBuildTests
{
    [Fact]
    public async Task The_sample_is_served_as_static_json_says()
    {
        await using var rig = await BuildRig.Sandboxed();
        var built = await rig.SucceedAsync(SampleApp.Source("static"));
        Assert.Equal("bin/boot", built.Slug.ProcessTypes[ProcessType.Web]);
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        using var client = Plain(app);

        using var page = await client.GetAsync(new Uri("about", UriKind.Relative));
        Assert.Contains("About these files", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(("text/html", "UTF-8"), (page.Content.Headers.ContentType?.MediaType, page.Content.Headers.ContentType?.CharSet));
        Assert.True(page.Headers.CacheControl?.NoCache);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));

        using var again = new HttpRequestMessage(HttpMethod.Get, "about") { Headers = { IfNoneMatch = { page.Headers.ETag! } } };
        using var unchanged = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var some = new HttpRequestMessage(HttpMethod.Get, "style.css") { Headers = { Range = new RangeHeaderValue(0, 3) } };
        using var part = await client.SendAsync(some);
        Assert.Equal((HttpStatusCode.PartialContent, "body"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal(TimeSpan.FromHours(1), part.Headers.CacheControl?.MaxAge);

        using var moved = await client.GetAsync(new Uri("old", UriKind.Relative));
        Assert.Equal((HttpStatusCode.Found, "/about"), (moved.StatusCode, moved.Headers.Location?.OriginalString));

        using var missing = await client.GetAsync(new Uri("nowhere", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("There is no such page", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_folder_with_a_first_page_is_served_without_what_lies_beside_the_pages()
    {
        await using var rig = new BuildRig();
        var text = string.Concat(Enumerable.Repeat("compressible ", 200));
        var built = await rig.SucceedAsync(new TarBuilder()
            .File("index.html", "first").File("big.txt", text).File("docs/index.html", "docs").File(".env", "secret").File("app.json", "{}").File(".well-known/security.txt", "contact"));
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        using var client = Plain(app);

        Assert.Equal("first", await client.GetStringAsync(new Uri("", UriKind.Relative)));
        Assert.Equal("docs", await client.GetStringAsync(new Uri("docs/", UriKind.Relative)));
        Assert.Equal("contact", await client.GetStringAsync(new Uri(".well-known/security.txt", UriKind.Relative)));
        foreach (var path in (string[])[".env", "app.json", "bin/boot", ".heroku/static/nginx.conf", "some/where"])
        {
            using var hidden = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((path, HttpStatusCode.NotFound), (path, hidden.StatusCode));
        }

        using var small = new HttpRequestMessage(HttpMethod.Get, "big.txt") { Headers = { AcceptEncoding = { new("gzip") } } };
        using var packed = await client.SendAsync(small);
        Assert.Equal("gzip", Assert.Single(packed.Content.Headers.ContentEncoding));
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
    }

    [Fact]
    public async Task Https_a_host_a_password_and_odd_values_are_honoured()
    {
        await using var rig = new BuildRig();
        var built = await rig.SucceedAsync(new TarBuilder().File("public_html/index.html", "first").File("Procfile", "web: BASIC_AUTH_USERNAME=me BASIC_AUTH_PASSWORD='p$w' bin/boot\n")
            .File("static.json", """{"https_only": true, "canonical_host": "example.test", "basic_auth": true, "headers": {"/**": {"X-Odd": "a$b \"c\" \\ d; }"}, "/x": {"X-Odd": "last"}}, "routes": {"/**": "index.html"}}"""));
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        using var client = Plain(app);

        Assert.Equal((HttpStatusCode.MovedPermanently, "https://example.test/a?b=c"), await Location("a?b=c", "example.test", "http"));
        Assert.Equal((HttpStatusCode.MovedPermanently, "https://example.test/"), await Location("", "other.test", "https"));
        using var refused = await Get("", "example.test", "https");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("me:p$w"u8));
        using var allowed = await Get("some/where", "example.test", "https");
        Assert.Equal("first", await allowed.Content.ReadAsStringAsync());
        Assert.Equal("a$b \"c\" \\ d; }", Assert.Single(allowed.Headers.GetValues("X-Odd")));

        async Task<HttpResponseMessage> Get(string path, string host, string scheme)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-Proto", scheme } } };
            request.Headers.Host = host;
            return await client.SendAsync(request);
        }

        async Task<(HttpStatusCode Status, string? Location)> Location(string path, string host, string scheme)
        {
            using var answer = await Get(path, host, scheme);
            return (answer.StatusCode, answer.Headers.Location?.OriginalString);
        }
    }

    [Fact]
    public async Task A_root_that_nobody_made_fails_with_the_way_out()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("static.json", """{"root": "dist"}""")));

        Assert.Contains("'dist'", failed.Reason, StringComparison.Ordinal);
        Assert.Contains(".buildpacks", failed.Reason, StringComparison.Ordinal);
    }

    /// <summary>A client that follows nothing and adds nothing.</summary>
    private static HttpClient Plain(RunningApp app) => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(20) };
}
