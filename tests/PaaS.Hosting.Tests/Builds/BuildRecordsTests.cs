using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>What is on record of builds, and what can be done about them, with a builder that works as long as the test wants.</summary>
public sealed class BuildRecordsTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private const string Path = $"/apps/{Name}";
    private static readonly HttpClient Anonymous = new();
    private readonly GatedBuildpack _buildpack = new();
    private CoreScene _scene = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync(builds: true, buildpacks: _buildpack.Registry);
        _api = await _scene.OpenApiAsync();
        (await _api.PostAsync("/apps", $$"""{"name": "{{Name}}"}""")).Is(HttpStatusCode.Created);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task A_build_is_queued_then_runs_then_succeeds_and_every_step_shows()
    {
        var first = await StartAsync("one");
        await _buildpack.BeganAsync();
        _scene.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await StartAsync("two");

        Assert.Equal(("pending", "running"), StateOf(await InfoAsync(first)));
        await Eventually.IsTrueAsync(() => LinesOf(second).Contains("-----> Another build of this app is running; this one is queued"));
        Assert.Equal(("pending", "queued"), StateOf(await InfoAsync(second)));
        _buildpack.Open();
        await EndedAsync(first);
        _buildpack.Open();
        await EndedAsync(second);

        var done = await InfoAsync(first);
        Assert.Equal(("succeeded", "succeeded"), StateOf(done));
        Assert.Equal("test/gated", done.Json.GetProperty("buildpacks")[0].GetProperty("url").GetString());
        Assert.Equal(("test/gated", true), (App.Build.Buildpacks.Single().Text, App.Build.IsDetected));
        Assert.Equal(["two", "one"], (await _api.GetAsync($"{Path}/builds", "created_at ..; max=15, order=desc")).Json.EnumerateArray().Select(build => build.GetProperty("source_blob").GetProperty("version").GetString()));
    }

    [Fact]
    public async Task A_build_that_waits_is_superseded_by_a_newer_one_and_says_so()
    {
        await StartAsync("one");
        await _buildpack.BeganAsync();
        var second = await StartAsync("two");
        await Eventually.IsTrueAsync(() => LinesOf(second).Length > 0);

        await StartAsync("three");
        await EndedAsync(second);

        var superseded = await InfoAsync(second);
        Assert.Equal(("failed", "superseded", "superseded by three"), (superseded["status"], superseded["state"], superseded["failure_message"]));
    }

    [Fact]
    public async Task A_running_build_is_cancelled_and_nothing_of_it_is_left()
    {
        var id = await StartAsync("one");
        await _buildpack.BeganAsync();

        var cancelled = (await _api.DeleteAsync($"{Path}/builds/{id}")).Is(HttpStatusCode.OK);

        Assert.Equal(("failed", "cancelled", "The build was cancelled by user operator@localhost."), (cancelled["status"], cancelled["state"], cancelled["failure_message"]));
        Assert.Equal(1, _buildpack.Cancelled);
        Assert.Contains(" !     The build was cancelled by user operator@localhost.", LinesOf(id));
        Assert.Single(App.Releases);
        Assert.Contains("is cancelled", (await _api.DeleteAsync($"{Path}/builds/{id}")).IsError(HttpStatusCode.Conflict, "conflict"), StringComparison.Ordinal);

        var next = await StartAsync("two");
        await _buildpack.BeganAsync();
        _buildpack.Open();
        await EndedAsync(next);
        Assert.Equal(("succeeded", "succeeded"), StateOf(await InfoAsync(next)));
    }

    [Fact]
    public async Task A_build_that_waits_is_cancelled_and_the_running_one_goes_on()
    {
        var first = await StartAsync("one");
        await _buildpack.BeganAsync();
        var second = await StartAsync("two");
        await Eventually.IsTrueAsync(() => LinesOf(second).Length > 0);

        Assert.Equal("cancelled", (await _api.DeleteAsync($"{Path}/builds/{second}")).Is(HttpStatusCode.OK)["state"]);

        Assert.Equal(("pending", "running"), StateOf(await InfoAsync(first)));
        _buildpack.Open();
        await EndedAsync(first);
        Assert.Equal(2, App.Releases.Count);
    }

    [Fact]
    public async Task A_build_whose_release_is_getting_ready_cannot_be_cancelled_any_more()
    {
        _scene.Runtime.Script = _ => DynoScript.NeverReady;
        var id = await StartAsync("one");
        await _buildpack.BeganAsync();
        _buildpack.Open();
        await Eventually.IsTrueAsync(() => App.Pending is not null);

        Assert.Contains("too late", (await _api.DeleteAsync($"{Path}/builds/{id}")).IsError(HttpStatusCode.Conflict, "conflict"), StringComparison.Ordinal);

        Assert.Equal(("pending", "running"), StateOf(await InfoAsync(id)));
    }

    [Fact]
    public async Task Records_and_output_are_there_again_after_a_restart()
    {
        var good = await StartAsync("good");
        await _buildpack.BeganAsync();
        _buildpack.Open();
        await EndedAsync(good);
        var bad = await StartAsync("bad", SourceArchives.Of(("Procfile", "web: run\nnonsense without a colon\n!!!: x\n")));
        await _buildpack.BeganAsync();
        _buildpack.Open();
        await EndedAsync(bad);
        var before = (Good: await InfoAsync(good), Bad: await InfoAsync(bad));
        var printed = (Good: LinesOf(good), Bad: LinesOf(bad));
        Assert.NotEmpty(printed.Bad);

        await _scene.RestartAsync();

        var after = _scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!;
        Assert.Equal([(before.Good["id"], before.Good["state"]), (before.Bad["id"], before.Bad["state"])], after.Select(build => (build.Id.ToString(), BuildEventCodec.NameOf(build.Status))));
        Assert.Equal(before.Bad["failure_message"], after[1].Failure ?? string.Empty);
        Assert.Equal(before.Good["slug.id"], SlugReference.IdOf(after[0].Slug!.Id).ToString());
        Assert.Equal(printed.Good, LinesOf(good));
        Assert.Equal(printed.Bad, LinesOf(bad));
        Assert.Equal(["test/gated"], after[0].Buildpacks.Select(reference => reference.Text));
    }

    [Fact]
    public async Task What_a_killed_host_was_building_is_abandoned_with_the_output_that_it_had()
    {
        var running = await StartAsync("running");
        await _buildpack.BeganAsync();
        var waiting = await StartAsync("waiting");
        await Eventually.IsTrueAsync(() => LinesOf(waiting).Length > 0);
        _scene.Time.Advance(TimeSpan.FromSeconds(1));

        await _scene.KillAsync();

        var builds = _scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!;
        Assert.Equal([(running, BuildStatus.Abandoned), (waiting, BuildStatus.Abandoned)], builds.Select(build => (build.Id.ToString(), build.Status)));
        Assert.All(builds, build => Assert.Contains("Push again", build.Failure, StringComparison.Ordinal));
        Assert.Contains("       Working on it", LinesOf(running));
        Assert.Equal(RefusalCode.Conflict, (await _scene.Platform.CancelBuildAsync(CoreScene.Operator, Name, Guid.Parse(running))).Refusal?.Code);
    }

    [Theory]
    [InlineData(true, BuildStatus.Succeeded, null)]
    [InlineData(false, BuildStatus.Failed, "exited with status 1")]
    public async Task A_build_whose_release_had_its_verdict_when_the_host_was_killed_has_it_too(bool starts, BuildStatus status, string? failure)
    {
        _scene.Runtime.Script = _ => starts ? DynoScript.Ready : DynoScript.ExitsBeforeReady(1);
        var id = await StartAsync("one");
        await _buildpack.BeganAsync();
        _scene.Journal.Fails = (stream, events) => stream == StreamName.Of(App.Id)
            ? events.Any(e => e.Type is EventTypes.ReleaseSucceeded or EventTypes.ReleaseFailed)
            : events.Any(e => DataOf(e).Contains("\"status\":\"succeeded\"", StringComparison.Ordinal) || DataOf(e).Contains("\"status\":\"failed\"", StringComparison.Ordinal));
        _buildpack.Open();
        await Eventually.IsTrueAsync(() => RecordedAsync().GetAwaiter().GetResult().Any(e => DataOf(e.Event).Contains("\"release\":2", StringComparison.Ordinal)));
        var fails = _scene.Journal.Fails;
        _scene.Journal.Fails = (stream, events) => stream != StreamName.Of(App.Id) && fails(stream, events);
        await Eventually.IsTrueAsync(() =>
        {
            _scene.Time.Advance(TimeSpan.FromSeconds(1));
            return App.Pending is null;
        });

        await _scene.KillAsync();

        var build = _scene.Platform.FindBuild(CoreScene.Operator, Name, Guid.Parse(id)).Value!;
        Assert.Equal((status, 2), (build.Status, build.Release!.Value.Number));
        Assert.Contains(failure ?? string.Empty, build.Failure ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal(failure is null, build.Failure is null);
    }

    [Fact]
    public async Task Of_a_destroyed_app_nothing_of_its_builds_stays_in_the_journal()
    {
        var app = App.Id;
        for (var i = 0; i < 3; i++)
        {
            await EndedAsync(await StartAsync($"{i}", "no archive"u8.ToArray()));
        }

        _scene.Journal.FailsCompacting = stream => stream == StreamName.OfBuilds(app);
        (await _api.DeleteAsync(Path)).Is(HttpStatusCode.OK);
        await Eventually.IsTrueAsync(() => RecordedAsync(app).GetAwaiter().GetResult()[^1].Event.Type == EventTypes.BuildsSummarized);
        _scene.Journal.FailsCompacting = _ => false;
        Assert.True((await RecordedAsync(app)).Count > 3);

        await _scene.RestartAsync();
        var left = Assert.Single(await RecordedAsync(app));
        await _scene.RestartAsync();

        Assert.Equal(left.Version, Assert.Single(await RecordedAsync(app)).Version);
        Assert.DoesNotContain("\"id\"", DataOf(left.Event), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_stops_abandons_what_it_was_building()
    {
        await StartAsync("one");
        await _buildpack.BeganAsync();

        await _scene.RestartAsync();

        Assert.Equal([BuildStatus.Abandoned], _scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!.Select(build => build.Status));
    }

    [Fact]
    public async Task The_oldest_builds_go_and_their_output_with_them()
    {
        for (var i = 0; i < BuildHistory.Kept + 3; i++)
        {
            await EndedAsync(await StartAsync($"{i}", "no archive"u8.ToArray()));
        }

        var builds = _scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!;
        Assert.Equal(Enumerable.Range(3, BuildHistory.Kept).Select(i => $"{i}"), builds.Select(build => build.Version));
        var files = Directory.EnumerateFiles(_scene.BuildsDirectory, "*", SearchOption.AllDirectories).Select(System.IO.Path.GetFileNameWithoutExtension);
        Assert.Equal(builds.Select(build => build.Id.ToString()).Order(), files.Order());
    }

    [Fact]
    public async Task A_build_that_cannot_be_put_on_record_is_not_started()
    {
        _scene.Journal.Fails = (stream, _) => stream.ToString().StartsWith("builds/", StringComparison.Ordinal);
        var url = await UploadAsync(SourceArchives.Of(("Procfile", "web: run\n")));

        (await _api.PostAsync($"{Path}/builds", Blob(url, "one"))).IsError(HttpStatusCode.InternalServerError, "internal_error");

        _scene.Journal.Fails = (_, _) => false;
        Assert.Empty(_scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!);
        Assert.Single(App.Releases);
    }

    [Fact]
    public async Task A_release_stands_although_the_end_of_its_build_cannot_be_recorded_at_once()
    {
        var id = await StartAsync("one");
        await _buildpack.BeganAsync();
        var failed = 0;
        _scene.Journal.Fails = (stream, events) => stream.ToString().StartsWith("builds/", StringComparison.Ordinal)
            && events.Any(e => System.Text.Encoding.UTF8.GetString(e.Data.Span).Contains("\"succeeded\"", StringComparison.Ordinal))
            && Interlocked.Increment(ref failed) == 1;
        _buildpack.Open();
        await EndedAsync(id);

        Assert.Equal(("succeeded", "succeeded"), StateOf(await InfoAsync(id)));
        Assert.Equal(2, App.Current!.Version.Number);
        await _scene.RestartAsync();
        Assert.Equal([BuildStatus.Succeeded], _scene.Platform.ListBuilds(CoreScene.Operator, Name).Value!.Select(build => build.Status));
    }

    [Fact]
    public async Task The_cache_is_purged_between_builds_and_not_during_one()
    {
        var id = await StartAsync("one");
        await _buildpack.BeganAsync();
        Assert.True(File.Exists(System.IO.Path.Combine(_buildpack.Cache, "builds")));

        Assert.Contains("running", (await _api.DeleteAsync($"{Path}/build-cache")).IsError(HttpStatusCode.Conflict, "conflict"), StringComparison.Ordinal);
        Assert.True(File.Exists(System.IO.Path.Combine(_buildpack.Cache, "builds")));
        _buildpack.Open();
        await EndedAsync(id);
        var answer = (await _api.DeleteAsync($"{Path}/build-cache")).Is(HttpStatusCode.Accepted);

        Assert.Equal("{}", answer.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scene.CachesDirectory));
        (await _api.DeleteAsync($"{Path}/build-cache")).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Of_a_destroyed_app_no_output_is_left_and_its_builds_have_ended()
    {
        await StartAsync("one");
        await _buildpack.BeganAsync();
        await StartAsync("two");

        (await _api.DeleteAsync(Path)).Is(HttpStatusCode.OK);

        await Eventually.IsTrueAsync(() => !Directory.EnumerateFileSystemEntries(_scene.BuildsDirectory).Any());
        Assert.Equal(1, _buildpack.Cancelled);
    }

    private App App => _scene.Platform.FindApp(CoreScene.Operator, Name).Value!;

    private static string DataOf(JournalEvent e) => System.Text.Encoding.UTF8.GetString(e.Data.Span);

    private Task<IReadOnlyList<RecordedEvent>> RecordedAsync(AppId? app = null) => _scene.Journal.ReadAllAsync(StreamName.OfBuilds(app ?? App.Id));

    private static (string Status, string State) StateOf(ApiAnswer build) => (build["status"], build["state"]);

    private static string Blob(string url, string version) => $$$"""{"source_blob": {"url": "{{{url}}}", "version": "{{{version}}}"}}""";

    private async Task<string> UploadAsync(byte[] archive)
    {
        var source = (await _api.PostAsync("/sources")).Is(HttpStatusCode.Created);
        using var content = new ByteArrayContent(archive);
        (await Anonymous.PutAsync(source["source_blob.put_url"], content)).EnsureSuccessStatusCode();
        return source["source_blob.get_url"];
    }

    private async Task<string> StartAsync(string version, byte[]? archive = null)
    {
        var url = await UploadAsync(archive ?? SourceArchives.Of(("Procfile", "web: run\n"), ("version", version)));
        return (await _api.PostAsync($"{Path}/builds", Blob(url, version))).Is(HttpStatusCode.Created)["id"];
    }

    private async Task<ApiAnswer> InfoAsync(string id) => (await _api.GetAsync($"{Path}/builds/{id}")).Is(HttpStatusCode.OK);

    /// <summary>Reads the output to its end, which is the build's.</summary>
    private async Task<string> EndedAsync(string id) => await Anonymous.GetStringAsync((await InfoAsync(id))["output_stream_url"]).WaitAsync(Eventually.Deadline);

    /// <summary>What the build has printed so far.</summary>
    private string[] LinesOf(string id) =>
        [.. _scene.Platform.OpenBuildOutput(CoreScene.Operator, Name, Guid.Parse(id)).Value!.TailAsync(new LogTail { After = 0 }).Select(line => line.Message).ToBlockingEnumerable()];
}
