namespace PaaS.Buildpacks.Tests;

public sealed class StaticSiteTests
{
    [Fact]
    public void All_of_it_is_read()
    {
        Assert.True(StaticSite.TryParse(
            """
            {"root": "/dist/", "clean_urls": true, "https_only": true, "canonical_host": "www.example.test", "error_page": "errors/404.html", "basic_auth": false,
             "routes": {"/app/**": "app.html"}, "redirects": {"/old": {"url": "/new", "status": 302}, "/older": {"url": "https://example.test/"}},
             "headers": {"/**": {"X-A": "1"}, "/assets/*": {"X-A": "2", "Cache-Control": "no-store"}}, "logging": {}, "wonders": 1}
            """, out var site, out var problem), problem);

        Assert.Equal(("dist", true, true, "www.example.test", "errors/404.html", false), (site.Root, site.CleanUrls, site.HttpsOnly, site.CanonicalHost, site.ErrorPage, site.BasicAuth));
        Assert.Equal([("/app/**", "app.html")], site.Routes);
        Assert.Equal([("/old", "/new", 302), ("/older", "https://example.test/", 301)], site.Redirects);
        Assert.Equal([("/**", "X-A", "1"), ("/assets/*", "X-A", "2"), ("/assets/*", "Cache-Control", "no-store")], site.Headers);
        Assert.Equal(["wonders"], site.Unknown);
    }

    [Fact]
    public void A_canonical_host_is_compared_as_nginx_has_it()
    {
        Assert.True(StaticSite.TryParse("""{"canonical_host": "WWW.Example.test:8443"}""", out var site, out var problem), problem);

        Assert.Contains("if ($host != \"www.example.test\") { return 301 $site_scheme://WWW.Example.test:8443$request_uri; }", StaticConfiguration.Write(site, ".", null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./dist", "dist")]
    [InlineData("/a/./b//", "a/b")]
    [InlineData("./", ".")]
    public void A_root_may_be_written_as_shells_have_it(string root, string expected)
    {
        Assert.True(StaticSite.TryParse($$"""{"root": "{{root}}"}""", out var site, out var problem), problem);
        Assert.Equal(expected, site.Root);
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "object")]
    [InlineData("""{"root": "\ud83d"}""", "half a character")]
    [InlineData("""{"root": "../x"}""", "leads out of the app")]
    [InlineData("""{"root": 5}""", "'root' must be a text")]
    [InlineData("""{"clean_urls": "yes"}""", "'clean_urls' must be true or false")]
    [InlineData("""{"routes": []}""", "'routes' must be an object")]
    [InlineData("""{"routes": {"/**": {}}}""", "to the name of a file")]
    [InlineData("""{"redirects": {"/a": {"url": "/b", "status": 200}}}""", "'redirects' must map")]
    [InlineData("""{"headers": {"/**": {"X A": "1"}}}""", "no header's name")]
    [InlineData("""{"headers": {"/**": {"X-A": "1\n}"}}}""", "control characters")]
    [InlineData("""{"canonical_host": "a; }"}""", "'canonical_host'")]
    [InlineData("""{"proxies": {"/api": {"origin": "http://x"}}}""", "'proxies' is not offered")]
    public void What_is_wrong_is_said(string text, string reason)
    {
        Assert.False(StaticSite.TryParse(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/**", "/a/b.c", true)]
    [InlineData("/*", "/a", true)]
    [InlineData("/*", "/a/b", false)]
    [InlineData("/a.b", "/a.b", true)]
    [InlineData("/a.b", "/axb", false)]
    [InlineData("/**/x", "/a/b/x", true)]
    [InlineData("/a (b)", "/a (b)", true)]
    public void Patterns_match_as_the_official_buildpacks_do(string pattern, string path, bool matches) =>
        Assert.Equal(matches, System.Text.RegularExpressions.Regex.IsMatch(path, StaticConfiguration.Pattern(pattern)));

    [Theory]
    [InlineData("static.json", "web: x", true)]
    [InlineData("index.html", "", true)]
    [InlineData("index.html", "release: x", true)]
    [InlineData("index.html", "web: x", false)]
    [InlineData("public/index.html", "", false)]
    public async Task It_detects_its_own_file_and_a_first_page(string file, string procfile, bool applies)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, (file, "{}"), ("Procfile", procfile));
        var context = new BuildContext(new SourceTree(temp.Path));

        Assert.Equal(applies, (await new StaticBuildpack().DetectAsync(context, default)).Applies);
        Assert.Equal("bin/boot", (await new StaticBuildpack().ReleaseAsync(context, default)).DefaultProcessTypes[ProcessType.Web]);
    }
}
