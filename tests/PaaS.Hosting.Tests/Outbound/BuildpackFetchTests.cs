using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using PaaS.Buildpacks;
using PaaS.Runtime;

namespace PaaS.Hosting.Tests;

/// <summary>Buildpacks from a real host of git repositories and tarballs, through the guard.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xUnit disposes through IAsyncLifetime.")]
public sealed class BuildpackFetchTests : IAsyncLifetime
{
    private static readonly (string Path, string Content)[] Classic = [("bin/detect", "#!/bin/sh\necho Fetched\n"), ("bin/compile", "#!/bin/sh\ncat \"$(dirname \"$0\")/../word\"\n")];

    private readonly TempFolder _temp = new();
    private readonly StringBuilder _output = new();
    private readonly InMemorySlugStore _store = new();
    private readonly PlainLauncher _launcher;
    private Func<string, IPAddress[]> _resolve = static name => [name.StartsWith("other", StringComparison.Ordinal) ? IPAddress.Parse("127.0.0.3") : IPAddress.Loopback];
    private BuildpackHost _host = null!;
    private int _lookups;

    public BuildpackFetchTests() => _launcher = new PlainLauncher(Path.Combine(_temp.Path, "records"));

    public async Task InitializeAsync() => _host = await BuildpackHost.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _launcher.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_repository_is_fetched_at_the_default_branch_a_tag_or_a_commit_and_the_log_says_which()
    {
        var commits = _host.Repository("hi.git", [.. Classic, ("word", "first\n")], [("word", "second\n")]);
        foreach (var (suffix, word, commit) in ((string, string, string)[])[("", "second", commits[1]), ("#v1", "first", commits[0]), ($"#{commits[0]}", "first", commits[0]), ($"#{commits[0][..10]}", "first", commits[0])])
        {
            _output.Clear();
            await SucceedAsync($"https://git.example:{_host.Port}/hi.git{suffix}");

            Assert.Contains($"hi.git{suffix}: commit {commit}\n-----> Fetched app detected\n{word}\n", _output.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("could not fetch 'v9'", await FailAsync($"https://git.example:{_host.Port}/hi.git#v9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Git_connects_to_the_address_that_was_checked_whatever_the_name_leads_to_later()
    {
        _host.Repository("hi.git", [.. Classic, ("word", "pinned\n")]);
        _resolve = _ => ++_lookups == 1 ? [IPAddress.Loopback] : throw new InvalidOperationException("looked up twice");

        await SucceedAsync($"https://rebind.example:{_host.Port}/hi.git");

        Assert.Equal(1, _lookups);
        Assert.Contains("pinned", _output.ToString(), StringComparison.Ordinal);
        Assert.All(_host.Served, static served => Assert.StartsWith("rebind.example/", served, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redirects_are_followed_and_checked_before_git_starts_and_git_follows_none()
    {
        _host.Repository("new.git", [.. Classic, ("word", "moved\n")]);
        _host.Instead = (context, number) => RedirectAsync(context, context.Request.Path.StartsWithSegments("/old.git", StringComparison.Ordinal), $"https://git2.example:{_host.Port}/new.git/info/refs{context.Request.QueryString}");
        await SucceedAsync($"https://git.example:{_host.Port}/old.git");
        Assert.DoesNotContain("git.example/old.git/git-upload-pack", _host.Served);

        foreach (var forbidden in (string[])["127.0.0.2", "other.example"])
        {
            _host.Instead = (context, number) => RedirectAsync(context, context.Request.Path.StartsWithSegments("/old.git", StringComparison.Ordinal), $"https://{forbidden}:{_host.Port}/new.git/info/refs{context.Request.QueryString}");
            _host.Served.Clear();

            Assert.Contains("not a place on the public internet", await FailAsync($"https://git.example:{_host.Port}/old.git"), StringComparison.Ordinal);

            Assert.Equal(["git.example/old.git/info/refs"], _host.Served);
        }

        // The second question is git's own.
        _host.Served.Clear();
        _host.Instead = (context, number) => RedirectAsync(context, number % 2 == 0, $"https://127.0.0.1:{_host.Port}/new.git/info/refs{context.Request.QueryString}");
        Assert.Contains("git could not fetch it", await FailAsync($"https://git.example:{_host.Port}/new.git"), StringComparison.Ordinal);
        Assert.DoesNotContain(_host.Served, static served => served.StartsWith("127.0.0.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tarball_may_have_one_directory_around_it_and_is_held_to_its_digest()
    {
        var plain = Tarball("", 0b110_100_100, ("word", "plain\n"));
        _host.Put("plain.tgz", plain);
        _host.Put("wrapped.tgz", Tarball("heroku-x-1.0/", 0b110_100_100, ("word", "wrapped\n")));
        var digest = Convert.ToHexStringLower(SHA256.HashData(plain));

        await SucceedAsync($"https://git.example:{_host.Port}/plain.tgz");
        await SucceedAsync($"https://git.example:{_host.Port}/wrapped.tgz");
        await SucceedAsync($"https://git.example:{_host.Port}/plain.tgz#sha256={digest.ToUpperInvariant()}");

        Assert.Contains($"plain.tgz: sha256:{digest}\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nwrapped\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"sha256={digest}", await FailAsync($"https://git.example:{_host.Port}/plain.tgz#sha256={new string('0', 64)}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tarball_that_is_none_that_leaves_its_directory_or_that_is_too_large_is_refused()
    {
        _host.Put("none.tgz", [1, 2, 3, 4]);
        _host.Put("out.tgz", Tarball("../", 0b110_100_100));
        _host.Put("empty.tgz", Pack(static _ => { }));
        _host.Put("link.tgz", Pack(static tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin") { LinkName = "/usr/bin" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/detect"));
        }));
        _host.Instead = static async (context, number) =>
        {
            if (context.Request.Path == "/large.tgz")
            {
                context.Response.ContentLength = 1L << 40;
                await context.Response.Body.FlushAsync();
                var gone = new TaskCompletionSource();
                await using var _ = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
                context.Abort();
                return true;
            }

            return false;
        };

        Assert.Contains("can't be unpacked", await FailAsync($"https://git.example:{_host.Port}/none.tgz"), StringComparison.Ordinal);
        Assert.Contains("'../", await FailAsync($"https://git.example:{_host.Port}/out.tgz"), StringComparison.Ordinal);
        Assert.Contains("can't be unpacked", await FailAsync($"https://git.example:{_host.Port}/empty.tgz"), StringComparison.Ordinal);
        Assert.Contains("nothing is written through links", await FailAsync($"https://git.example:{_host.Port}/link.tgz"), StringComparison.Ordinal);
        Assert.Contains("larger than", await FailAsync($"https://git.example:{_host.Port}/large.tgz"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_temp.Path, "builds")));
    }

    [Fact]
    public async Task A_passing_failure_is_tried_again_and_a_lasting_one_is_not()
    {
        _host.Put("plain.tgz", Tarball("", 0b110_100_100, ("word", "late\n")));
        _host.Instead = static (context, number) =>
        {
            context.Response.StatusCode = number == 1 ? 503 : 200;
            return Task.FromResult(number == 1);
        };

        await SucceedAsync($"https://git.example:{_host.Port}/plain.tgz");
        Assert.Equal(2, _host.Served.Count);
        Assert.Contains("status 404", await FailAsync($"https://git.example:{_host.Port}/missing.tgz"), StringComparison.Ordinal);
        Assert.Contains("status 404", await FailAsync($"https://git.example:{_host.Port}/missing.git"), StringComparison.Ordinal);

        Assert.Equal(4, _host.Served.Count);
    }

    [Theory]
    [InlineData("http://git.example:{0}/hi.git", "Only https")]
    [InlineData("https://git.example:{0}/hi.git?x=y", "behind '?'")]
    [InlineData("https://0x7f000002:{0}/x.tgz", "public internet")]
    public async Task What_the_guard_does_not_fetch_is_not_fetched(string url, string reason)
    {
        Assert.Contains(reason, await FailAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, _host.Port)), StringComparison.Ordinal);
        Assert.Empty(_host.Served);
    }

    private static async Task<bool> RedirectAsync(HttpContext context, bool redirects, string to)
    {
        if (redirects)
        {
            context.Response.Redirect(to);
            await context.Response.CompleteAsync();
        }

        return redirects;
    }

    private static byte[] Tarball(string prefix, int mode, params (string Path, string Content)[] files) => Pack(tar =>
    {
        foreach (var (path, content) in Classic.Concat(files))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, prefix + path) { Mode = (UnixFileMode)mode, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }
    });

    private static byte[] Pack(Action<TarWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            write(tar);
        }

        return bytes.ToArray();
    }

    private async Task SucceedAsync(string buildpack) => Assert.True(await BuildAsync(buildpack) is BuildSucceeded, _output.ToString());

    private async Task<string> FailAsync(string buildpack) => (await BuildAsync(buildpack) as BuildRejected ?? throw new Xunit.Sdk.XunitException(_output.ToString())).Reason;

    private async Task<BuildResult> BuildAsync(string buildpack)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_host.Authority);
        using var guard = new OutboundGuard(new OutboundOptions { Allowed = { "127.0.0.1" } }, TimeProvider.System, (name, _) => Task.FromResult(_resolve(name)), trust);
        var options = new BuildOptions
        {
            BuildsDirectory = Path.Combine(_temp.Path, "builds"),
            CachesDirectory = Path.Combine(_temp.Path, "caches"),
            Outbound = guard,
            Environment = new Dictionary<string, string> { ["GIT_SSL_CAINFO"] = _host.AuthorityFile, ["https_proxy"] = "http://127.0.0.1:9" },
        };
        using var source = new MemoryStream(Pack(static tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "Procfile") { DataStream = new MemoryStream("web: x\n"u8.ToArray()) })));
        return await new SlugBuilder(options, _launcher, _store).BuildAsync(
            new BuildRequest
            {
                App = AppId.New(),
                AppName = AppName.Parse("shop"),
                UserId = Environment.IsPrivilegedProcess ? 34569 : null,
                Source = source,
                Settings = BuildSettings.Default with { Buildpacks = [BuildpackReference.Parse(buildpack)] },
            },
            new BuildOutput(line => _output.Append(Encoding.UTF8.GetString(line.Span)).Append('\n')));
    }

    /// <summary>A directory that apps' users may pass through.</summary>
    private sealed class TempFolder : IDisposable
    {
        public TempFolder()
        {
            Path = Directory.CreateTempSubdirectory("paas-fetch-").FullName;
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        }

        public string Path { get; }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
