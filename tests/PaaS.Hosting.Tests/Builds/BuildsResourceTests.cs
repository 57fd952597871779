using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>Sources and builds over HTTP, with the real builder and dynos without processes.</summary>
public sealed class BuildsResourceTests : IAsyncLifetime
{
    private const string Builds = "/apps/floating-dragon-42/builds";
    private static readonly HttpClient Anonymous = new();
    private CoreScene _scene = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync() => await StartAsync(builds: true);

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task An_uploaded_archive_is_built_and_released_under_the_version_that_its_sender_calls_it()
    {
        var archive = Archive("web: node server.js\n");
        var url = await UploadAsync(archive);

        var build = (await _api.PostAsync(Builds, Blob(url, $", \"version\": \"1a2b3c4d5e6f\", \"checksum\": \"SHA256:{Convert.ToHexString(SHA256.HashData(archive))}\""))).Is(HttpStatusCode.Created);

        Assert.Equal(("pending", "", "", "operator@localhost", "1a2b3c4d5e6f"), (build["status"], build["slug"], build["release"], build["user.email"], build["source_blob.version"]));
        var output = await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);
        Assert.Contains("-----> ", output, StringComparison.Ordinal);
        Assert.Contains("Released v2", output, StringComparison.Ordinal);
        var done = await _api.GetAsync($"{Builds}/{build["id"]}");
        Assert.Equal(("succeeded", ""), (done["status"], done["failure_message"]));
        var release = (await _api.GetAsync("/apps/floating-dragon-42/releases/current")).Is(HttpStatusCode.OK);
        Assert.Equal((done["release.id"], done["slug.id"], "Deploy 1a2b3c4d"), (release["id"], release["slug.id"], release["description"]));
        Assert.Equal(["run"], _scene.Runtime.Alive.Select(dyno => dyno.Spec.Command == "node server.js" ? "run" : dyno.Spec.Command));
        Assert.Empty(Directory.EnumerateFiles(_scene.UploadsDirectory));
        Assert.Equal([build["id"]], (await _api.GetAsync(Builds)).All("id"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Whoever_deploys_sees_what_the_release_command_prints_and_what_comes_of_it(int status)
    {
        _scene.Runtime.Script = spec => spec.Name.Type == ProcessType.Release ? DynoScript.ExitsAfterReady(status) with { Output = ["Migrating", "  done"] } : DynoScript.Ready;

        var build = await BuildAsync(await UploadAsync(Archive("release: migrate\nweb: node server.js\n")));
        var output = await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);

        var verdict = status == 0
            ? "Waiting for release.... done.\n       Released v2\n       http://floating-dragon-42.localhost:"
            : "Waiting for release.... failed.\n !     Release v2 failed: The release command exited with status 7.\n !     The app goes on with the release before.\n";
        Assert.Contains(
            "-----> Launching...\n !     Release command declared: this new release will not be available until the command succeeds.\nRunning release command...\n\nMigrating\n  done\n" + verdict,
            output,
            StringComparison.Ordinal);
        Assert.Equal(status == 0 ? "succeeded" : "failed", (await _api.GetAsync($"{Builds}/{build["id"]}"))["status"]);
        Assert.Equal(status == 0 ? 1 : 0, _scene.Runtime.Alive.Count());
    }

    [Fact]
    public async Task An_archive_with_another_checksum_than_announced_fails_the_build_and_says_so()
    {
        var build = await BuildAsync(await UploadAsync(Archive("web: run\n")), $", \"checksum\": \"SHA256:{new string('0', 64)}\"");

        var output = await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);

        var done = await _api.GetAsync($"{Builds}/{build["id"]}");
        Assert.Equal("failed", done["status"]);
        Assert.Contains("checksum", done["failure_message"], StringComparison.Ordinal);
        Assert.Contains("checksum", output, StringComparison.Ordinal);
        Assert.Single(_scene.Platform.FindApp(CoreScene.Operator, "floating-dragon-42").Value!.Releases);
    }

    [Fact]
    public async Task What_is_no_archive_fails_the_build_and_nothing_is_released()
    {
        var build = await BuildAsync(await UploadAsync("not a tar.gz at all"u8.ToArray()));

        await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);

        var done = await _api.GetAsync($"{Builds}/{build["id"]}");
        Assert.Equal("failed", done["status"]);
        Assert.DoesNotContain("platform failed", done["failure_message"], StringComparison.Ordinal);
        Assert.Single(_scene.Platform.FindApp(CoreScene.Operator, "floating-dragon-42").Value!.Releases);
    }

    [Fact]
    public async Task A_build_keeps_the_address_of_its_output_however_often_it_is_asked_for()
    {
        var build = await BuildAsync(await UploadAsync(Archive("web: run\n")));

        Assert.Equal(build["output_stream_url"], (await _api.GetAsync($"{Builds}/{build["id"]}"))["output_stream_url"]);
        Assert.Equal([build["output_stream_url"]], (await _api.GetAsync(Builds)).All("output_stream_url"));
    }

    [Fact]
    public async Task An_address_takes_no_build_before_its_upload_and_only_one_after_it()
    {
        var source = (await _api.PostAsync("/apps/floating-dragon-42/sources")).Is(HttpStatusCode.Created);

        var early = await _api.PostAsync(Builds, Blob(source["source_blob.get_url"]));
        Assert.Contains("Nothing has been uploaded", early.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);

        await PutAsync(source["source_blob.put_url"], Archive("web: run\n"));
        var build = (await _api.PostAsync(Builds, Blob(source["source_blob.get_url"]))).Is(HttpStatusCode.Created);
        await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);
        (await _api.PostAsync(Builds, Blob(source["source_blob.get_url"]))).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"source_blob": null}""")]
    [InlineData("""{"source_blob": {}}""")]
    [InlineData("""{"source_blob": {"url": ""}}""")]
    [InlineData("""{"source_blob": {"url": "nonsense"}}""")]
    [InlineData("""{"source_blob": {"url": "file:///etc/passwd"}}""")]
    [InlineData("""{"source_blob": {"url": "http://127.0.0.1:5000/apps"}}""")]
    [InlineData("""{"source_blob": {"url": "http://[::ffff:169.254.169.254]/latest/meta-data"}}""")]
    [InlineData("""{"source_blob": {"url": "https://example.com/x.tgz", "checksum": "MD5:00"}}""")]
    [InlineData("""{"source_blob": {"url": "https://example.com/x.tgz", "version": "a\nb"}}""")]
    public async Task A_source_that_cannot_be_is_refused(string body)
    {
        (await _api.PostAsync(Builds, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");

        Assert.Equal("[]", (await _api.GetAsync(Builds)).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task An_upload_has_a_limit_and_an_address_that_was_made_here()
    {
        await DisposeSceneAsync();
        await StartAsync(builds: true, maxSourceBytes: 100);
        var source = (await _api.PostAsync("/sources")).Is(HttpStatusCode.Created);

        var large = await PutAsync(source["source_blob.put_url"], new byte[101]);
        var unknown = await PutAsync(new Uri(_api.Http.BaseAddress!, "/source-blobs/" + new string('0', 64)).ToString(), new byte[1]);

        large.IsError(HttpStatusCode.RequestEntityTooLarge, "too_large");
        unknown.IsError(HttpStatusCode.NotFound, "not_found");
        Assert.Empty(Directory.EnumerateFiles(_scene.UploadsDirectory));
        (await PutAsync(source["source_blob.put_url"], new byte[100])).Is(HttpStatusCode.OK);
        _scene.Time.Advance(TimeSpan.FromMinutes(61));
        (await PutAsync(source["source_blob.put_url"], new byte[1])).IsError(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task A_build_that_does_not_exist_and_an_app_that_does_not_are_not_found()
    {
        (await _api.GetAsync($"{Builds}/6f0b2a3e-0000-4000-8000-000000000001")).IsError(HttpStatusCode.NotFound, "not_found", "build");
        (await _api.GetAsync($"{Builds}/latest")).IsError(HttpStatusCode.NotFound, "not_found", "build");
        (await _api.GetAsync("/apps/nobody-here-1/builds")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await _api.PostAsync("/apps/nobody-here-1/builds", Blob("https://example.com/x.tgz"))).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await _api.PostAsync("/apps/nobody-here-1/sources")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    [Fact]
    public async Task A_host_without_a_builder_says_so()
    {
        await DisposeSceneAsync();
        await StartAsync(builds: false);

        var build = await BuildAsync(await UploadAsync(Archive("web: run\n")));

        var output = await Anonymous.GetStringAsync(build["output_stream_url"]).WaitAsync(Eventually.Deadline);
        Assert.Contains("This host builds nothing", output, StringComparison.Ordinal);
        var done = await _api.GetAsync($"{Builds}/{build["id"]}");
        Assert.Equal(("failed", "This host builds nothing: release a slug instead."), (done["status"], done["failure_message"]));
    }

    private static string Blob(string url, string more = "") => $$$"""{"source_blob": {"url": "{{{url}}}"{{{more}}} }}""";

    private static byte[] Archive(string procfile)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "Procfile") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(procfile)) });
        }

        return bytes.ToArray();
    }

    private async Task StartAsync(bool builds, long maxSourceBytes = 1 << 20)
    {
        _scene = await CoreScene.StartAsync(builds, maxSourceBytes);
        _api = await _scene.OpenApiAsync();
        (await _api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);
    }

    private async Task DisposeSceneAsync()
    {
        _api.Dispose();
        await _scene.DisposeAsync();
    }

    private async Task<string> UploadAsync(byte[] archive)
    {
        var source = (await _api.PostAsync("/sources")).Is(HttpStatusCode.Created);
        (await PutAsync(source["source_blob.put_url"], archive)).Is(HttpStatusCode.OK);
        return source["source_blob.get_url"];
    }

    private static async Task<ApiAnswer> PutAsync(string url, byte[] content)
    {
        using var client = new ApiClient(new HttpClient());
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(content) };
        return await client.SendAsync(request);
    }

    private async Task<ApiAnswer> BuildAsync(string url, string more = "") => (await _api.PostAsync(Builds, Blob(url, more))).Is(HttpStatusCode.Created);
}
