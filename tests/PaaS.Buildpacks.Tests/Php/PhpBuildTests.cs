using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class PhpBuildTests
{
    [Fact]
    public async Task The_Slim_sample_is_served_by_php_fpm_behind_nginx()
    {
        await using var rig = await BuildRig.Sandboxed(options: Offline);

        var built = await rig.SucceedAsync(SampleApp.Source("php-slim"));

        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.Equal("Hello from Slim\n", await GetAsync(app, ""));
        Assert.Equal("Hello from Slim, World\n", await GetAsync(app, "hello/world"));
        Assert.Contains("sans-serif", await GetAsync(app, "style.css"), StringComparison.Ordinal);
        using var secure = new HttpRequestMessage(HttpMethod.Get, "server") { Headers = { { "X-Forwarded-Proto", "https" } } };
        using var answer = await app.Client.SendAsync(secure);
        var server = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"served_by\":\"fpm-fcgi\"", server, StringComparison.Ordinal);
        Assert.Contains("\"https\":true", server, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData("web: heroku-php-nginx -C rules.conf -F pool.conf public", "rules")]
    [InlineData("web: vendor/bin/heroku-php-apache2 public", "index")]
    public async Task Requests_go_where_the_rules_say(string procfile, string expected)
    {
        await using var rig = new BuildRig(options: Offline);
        var built = await rig.SucceedAsync(new TarBuilder()
            .File("index.php", "<?php echo 'outside';").File("Procfile", procfile + "\n")
            .File("public/index.php", "<?php error_log('told the log'); echo 'index ', getenv('GREETING_OF_POOL'), ' ', $_SERVER['PATH_INFO'] ?? '';")
            .File("public/rules.php", "<?php echo 'rules ', getenv('GREETING_OF_POOL');").File("public/.env", "secret").File("public/page.html", "page")
            .File("rules.conf", "location / { try_files $uri @app; }\nlocation @app { rewrite ^ /rules.php last; }\n").File("pool.conf", "env[GREETING_OF_POOL] = pooled\n"));

        await using var app = await RunningApp.ServeAsync(rig, built.Slug);

        Assert.StartsWith(expected, await GetAsync(app, "no/such/file"), StringComparison.Ordinal);
        Assert.Equal("page", await GetAsync(app, "page.html"));
        Assert.StartsWith("index", await GetAsync(app, "index.php/path"), StringComparison.Ordinal);
        Assert.EndsWith("/path", await GetAsync(app, "index.php/path"), StringComparison.Ordinal);
        Assert.Contains(expected == "rules" ? "pooled" : "index", await GetAsync(app, "no/such/file"), StringComparison.Ordinal);
        using var hidden = await app.Client.GetAsync(new Uri(".env", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        await Wait.UntilAsync(() => app.Output.Contains("told the log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_nginx_PHP_serves_itself_by_the_same_rules()
    {
        await using var rig = new BuildRig(options: Offline);
        var built = await rig.SucceedAsync(new TarBuilder()
            .File("index.php", "<?php echo 'index ', PHP_SAPI, ' ', $_SERVER['SCRIPT_NAME'];").File("other.php", "<?php echo 'other';").File("composer.json", "{}").File(".env", "secret")
            .File("Procfile", "web: bwrap --dev-bind / / --tmpfs /usr/sbin --tmpfs /usr/local/sbin heroku-php-apache2\n"));

        await using var app = await RunningApp.ServeAsync(rig, built.Slug);

        Assert.Equal("index cli-server /index.php", await GetAsync(app, "some/where"));
        Assert.Equal("index cli-server /index.php", await GetAsync(app, ""));
        Assert.Equal("other", await GetAsync(app, "other.php"));
        foreach (var path in (string[])[".env", "composer.json"])
        {
            using var hidden = await app.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        }
    }

    [Theory]
    [InlineData("heroku-php-apache2 -C x.conf", "'x.conf' is no file of the app")]
    [InlineData("heroku-php-apache2 -C index.php", "-C is not offered for Apache")]
    [InlineData("heroku-php-nginx -c index.php", "is not offered by this platform")]
    [InlineData("heroku-php-nginx -Z", "-Z is no option")]
    [InlineData("heroku-php-nginx nowhere", "the document root 'nowhere' is no directory of the app")]
    public async Task What_the_runner_cannot_do_it_says(string command, string reason)
    {
        await using var rig = new BuildRig(options: Offline);
        var built = await rig.SucceedAsync(new TarBuilder().File("index.php", "<?php"));

        Assert.Contains(reason, await RunningApp.RunAsync(rig, built.Slug, command), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_of_the_lock_file_are_installed_and_the_mirror_answers_for_the_rest()
    {
        await using var index = new LoopbackIndex();
        var zip = Zip(("composer.json", """{"name":"acme/greeting","autoload":{"psr-4":{"Acme\\":"src/"}}}"""), ("src/Greeting.php", "<?php namespace Acme; class Greeting { const TEXT = 'hello from the index'; }"));
        index.Add("dists/greeting.zip", zip);
        const string Package = """{"name":"acme/greeting","version":"1.0.0","dist":{"type":"zip","url":"INDEXdists/greeting.zip","shasum":"SUM"},"type":"library","autoload":{"psr-4":{"Acme\\":"src/"}}}""";
        var package = Package.Replace("INDEX", index.Address.AbsoluteUri, StringComparison.Ordinal).Replace("SUM", Sha1(zip), StringComparison.Ordinal);
        index.Add("packages.json", "{\"packages\":{\"acme/greeting\":{\"1.0.0\":" + package + "}}}");
        await using var rig = await BuildRig.Sandboxed(options: o => o with { Network = ProcessNetwork.Host, Packages = o.Packages with { Packagist = index.Address } });
        var source = new TarBuilder()
            .File("composer.json", """{"require":{"acme/greeting":"^1"},"require-dev":{"acme/tests":"*"},"scripts":{"compile":["@composer show --all acme/greeting","php -r 'require \"vendor/autoload.php\"; file_put_contents(\"made\", Acme\\Greeting::TEXT);'"]}}""")
            .File("composer.lock", $$"""
                {"content-hash":"0","packages":[{{package}}],"packages-dev":[{"name":"acme/tests","version":"1.0.0","dist":{"type":"zip","url":"{{index.Address}}dists/tests.zip"},"type":"library"}],
                 "aliases":[],"minimum-stability":"stable","stability-flags":[],"prefer-stable":false,"prefer-lowest":false,"platform":[],"platform-dev":[]}
                """);

        var built = await rig.SucceedAsync(source);

        Assert.Contains("packages.json", index.Requests);
        Assert.Contains("dists/greeting.zip", index.Requests);
        Assert.DoesNotContain("dists/tests.zip", index.Requests);
        var tree = await rig.UnpackAsync(built.Slug);
        Assert.Equal("hello from the index", File.ReadAllText(Path.Combine(tree, "made")));
        Assert.True(File.Exists(Path.Combine(tree, "vendor/bin/heroku-php-nginx")));
        Assert.Equal("heroku-php-apache2", built.Slug.ProcessTypes[ProcessType.Web]);

        index.Forget();
        await rig.SucceedAsync(source.File("changed"));

        Assert.DoesNotContain("dists/greeting.zip", index.Requests);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task What_the_machine_lacks_is_listed()
    {
        await using var rig = new BuildRig(options: Offline);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("composer.json", """{"require":{"php":"^5.3","ext-nowhere":"*"}}""").File("composer.lock", """{"content-hash":"0","packages":[],"packages-dev":[]}""")));

        Assert.Contains("This platform has PHP 8.", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("ext-nowhere", rig.Output, StringComparison.Ordinal);
        Assert.Contains("missing", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_without_a_lock_file_are_refused()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("composer.json", """{"require":{"slim/slim":"^4"}}""")));

        Assert.Contains("no composer.lock was found", failed.Reason, StringComparison.Ordinal);
    }

    private static BuildOptions Offline(BuildOptions options) => options with { Packages = new PackageSources { Offline = true } };

    private static Task<string> GetAsync(RunningApp app, string path) => app.Client.GetStringAsync(new Uri(path, UriKind.Relative));

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var entry = archive.CreateEntry($"acme-greeting/{name}").Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return bytes.ToArray();
    }

#pragma warning disable CA5350 // Composer's own format; nothing is kept safe by it.
    private static string Sha1(byte[] content) => Convert.ToHexStringLower(SHA1.HashData(content));
#pragma warning restore CA5350
}
