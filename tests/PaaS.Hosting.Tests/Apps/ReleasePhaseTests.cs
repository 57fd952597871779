using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>The release command: when it runs, with what, and what its end leads to.</summary>
public sealed class ReleasePhaseTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private CoreScene _scene = null!;

    private Platform Platform => _scene.Platform;

    private App App => Platform.FindApp(Platform.Operator, Name).Value!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        _scene.Runtime.Script = _ => DynoScript.Ready;
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task It_runs_with_the_new_slug_and_the_new_config_before_any_dyno_of_the_release()
    {
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        Assert.Empty(_scene.Runtime.Dynos);
        var release = await ReleaseAsync("web", "release");

        var command = await CommandOfAsync(3);
        Assert.Equal(("run release", "1", release.Slug!.Id, false), (command.Spec.Command, command.Spec.ConfigVars["A"], command.Spec.Slug, command.Spec.Listens));
        Assert.Matches("^release\\.[1-9][0-9]{3}$", command.Spec.Name.ToString());
        Assert.Single(_scene.Runtime.Dynos);
        Assert.Equal((ReleaseStatus.Pending, null), (App.Find(release.Version)!.Status, App.Current!.Slug));
        var listed = Assert.Single(Platform.ListDynos(Platform.Operator, Name).Value);
        Assert.Equal((command.Spec.Name, release.Version), (listed.Name, listed.Release));

        command.Exit(0);
        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(3)).Status);
        Assert.Equal(["web.1"], _scene.Runtime.Alive.Select(dyno => dyno.Spec.Name.ToString()));
        await Eventually.IsTrueAsync(() => Platform.ListDynos(Platform.Operator, Name).Value.All(dyno => dyno.Name.Type == ProcessType.Web));
    }

    [Fact]
    public async Task It_runs_for_config_changes_and_rollbacks_too()
    {
        await DeployAsync("web", "release");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        (await CommandOfAsync(3)).Exit(0);
        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(3)).Status);
        await Platform.RollbackAsync(Platform.Operator, Name, new ReleaseVersion(2));
        (await CommandOfAsync(4)).Exit(0);
        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(4)).Status);

        Assert.Equal([2, 3, 4], _scene.Runtime.Dynos.Where(IsCommand).Select(dyno => dyno.Spec.Release.Number));
        Assert.Equal([false, true, false], _scene.Runtime.Dynos.Where(IsCommand).Select(dyno => dyno.Spec.ConfigVars.ContainsKey("A")));
    }

    [Fact]
    public async Task What_is_scaled_while_it_runs_holds_for_the_new_release()
    {
        await DeployAsync("web", "worker", "release");
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Worker, 1)]);
        await Eventually.IsTrueAsync(() => _scene.Runtime.Alive.Count() == 2);
        await ReleaseAsync("web", "worker", "release");
        var command = await CommandOfAsync(3);
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Web, 3), new FormationUpdate(ProcessType.Worker, 0)]);
        await Eventually.IsTrueAsync(() => _scene.Runtime.Alive.Count(dyno => !IsCommand(dyno)) == 3);

        command.Exit(0);

        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(3)).Status);
        Assert.Equal(["web.1", "web.2", "web.3"], _scene.Runtime.Dynos.Where(dyno => dyno.Spec.Release.Number == 3 && !IsCommand(dyno)).Select(dyno => dyno.Spec.Name.ToString()).Order());
    }

    [Fact]
    public async Task When_the_platform_itself_fails_the_release_does_and_the_next_one_goes_on()
    {
        Assert.True(_scene.Core.Directory.TryFind(Name, out var hosted));
        await hosted.OneOffs.DisposeAsync();

        await ReleaseAsync("web", "release");
        var failed = await VerdictAsync(2);
        await DeployAsync("web");

        Assert.Equal(ReleaseStatus.Failed, failed.Status);
        Assert.StartsWith("Error R99 (Platform error)", failed.Failure, StringComparison.Ordinal);
        Assert.Equal(3, App.Current!.Version.Number);
    }

    [Fact]
    public async Task Without_a_directory_only_the_newest_outputs_are_kept()
    {
        var outputs = new ReleaseOutputs(null, _scene.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        for (var i = 1; i <= ReleaseOutputs.Kept + 3; i++)
        {
            outputs.Begin(new ReleaseVersion(i));
            await outputs.KeepAsync(new ReleaseVersion(i));
        }

        Assert.False(outputs.Has(new ReleaseVersion(3)));
        Assert.True(outputs.Has(new ReleaseVersion(4)));
    }

    [Fact]
    public async Task When_it_fails_the_release_fails_and_the_dynos_go_on_untouched()
    {
        await DeployAsync("web", "release");
        var (before, alive) = (App.Current!, _scene.Runtime.Alive.ToList());
        await ReleaseAsync("web", "release", "worker");

        (await CommandOfAsync(3)).Exit(7);

        var failed = await VerdictAsync(3);
        Assert.Equal((ReleaseStatus.Failed, "The release command exited with status 7."), (failed.Status, failed.Failure));
        Assert.Equal(before.Version, App.Current!.Version);
        Assert.Equal(alive, _scene.Runtime.Alive);
        Assert.Equal(["web"], App.Formation.Select(entry => entry.Type.ToString()));
        Assert.DoesNotContain(_scene.Runtime.Dynos, dyno => dyno.Spec.Release.Number == 3 && !IsCommand(dyno));
    }

    [Fact]
    public async Task One_that_cannot_be_started_fails_the_release_and_says_why()
    {
        _scene.Runtime.Script = spec => spec.Name.Type == ProcessType.Release ? DynoScript.FailsToStart("no room on this machine") : DynoScript.Ready;

        await ReleaseAsync("web", "release");

        var failed = await VerdictAsync(2);
        Assert.Equal(ReleaseStatus.Failed, failed.Status);
        Assert.StartsWith("The release command did not succeed. ", failed.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_hour_it_is_ended_and_the_release_fails()
    {
        await ReleaseAsync("web", "release");
        var command = await CommandOfAsync(2);
        await Eventually.IsTrueAsync(() => Platform.ListDynos(Platform.Operator, Name).Value is [{ State: DynoState.Up }]);
        _scene.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(command.IsAlive);

        _scene.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(ReleaseStatus.Failed, (await VerdictAsync(2)).Status);
        Assert.Contains(ProcessSignal.Terminate, command.Signals);
    }

    [Fact]
    public async Task It_can_be_stopped_and_that_fails_the_release()
    {
        await ReleaseAsync("web", "release");
        var command = await CommandOfAsync(2);
        await Eventually.IsTrueAsync(() => Platform.ListDynos(Platform.Operator, Name).Value is [{ State: DynoState.Up }]);

        Assert.Null(Platform.Stop(Platform.Operator, Name, DynoSelector.One(command.Spec.Name)).Refusal);

        Assert.Equal(ReleaseStatus.Failed, (await VerdictAsync(2)).Status);
    }

    [Fact]
    public async Task Releases_behind_it_wait_for_it()
    {
        await ReleaseAsync("web", "release");
        var first = await CommandOfAsync(2);
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        Assert.Single(_scene.Runtime.Dynos);

        first.Exit(0);
        (await CommandOfAsync(3)).Exit(0);

        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(3)).Status);
        Assert.Equal(["release", "web", "release", "web"], _scene.Runtime.Dynos.Select(dyno => dyno.Spec.Name.Type.ToString()));
    }

    [Fact]
    public async Task Its_output_can_be_followed_and_is_kept_over_a_restart_of_the_host()
    {
        await ReleaseAsync("web", "release");
        var command = await CommandOfAsync(2);
        var following = ReadAsync(Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(2)).Value!);
        command.Write("migrating…");
        command.Write("");
        command.Write("done");
        command.Exit(0);
        await VerdictAsync(2);

        Assert.Equal(["migrating…", "", "done"], await following);
        Assert.Equal(["migrating…", "", "done"], await ReadAsync(Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(2)).Value!));
        await _scene.RestartAsync();
        Assert.Equal(["migrating…", "", "done"], await ReadAsync(Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(2)).Value!));
    }

    [Fact]
    public async Task Its_output_is_on_the_disk_before_the_verdict_that_names_it()
    {
        await ReleaseAsync("web", "release");
        _scene.Journal.Fails = (_, events) => events.Any(e => e.Type == EventTypes.ReleaseSucceeded);
        var command = await CommandOfAsync(2);
        command.Write("done");

        command.Exit(0);

        await Eventually.IsTrueAsync(() => _scene.Runtime.Alive.Any(dyno => dyno.Spec.Name.Type == ProcessType.Web));
        Assert.Equal("done\n", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_scene.OutputsDirectory, "*", SearchOption.AllDirectories))));
        Assert.Equal(ReleaseStatus.Pending, App.Find(new ReleaseVersion(2))!.Status);
        _scene.Journal.Fails = (_, _) => false;
    }

    [Fact]
    public async Task More_output_than_is_kept_loses_its_beginning_and_says_so()
    {
        await ReleaseAsync("web", "release");
        var command = await CommandOfAsync(2);
        for (var i = 1; i <= ReleaseOutput.MaxLines + 10; i++)
        {
            command.Write($"{i} {new string('x', 1000)}");
        }

        command.Exit(0);
        await VerdictAsync(2);

        var kept = await ReadAsync(Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(2)).Value!);
        Assert.StartsWith("5010 ", kept[^1], StringComparison.Ordinal);
        var dropped = ReleaseOutput.MaxLines + 10 - (kept.Count - 1);
        Assert.Equal($"[{dropped} earlier lines were left out]", kept[0]);
        Assert.StartsWith($"{dropped + 1} ", kept[1], StringComparison.Ordinal);
        Assert.InRange(kept.Sum(line => line.Length + 1), ReleaseOutputs.MaxBytes - 2000, ReleaseOutputs.MaxBytes + 100);
    }

    [Fact]
    public async Task The_outputs_of_old_releases_make_room()
    {
        var outputs = new ReleaseOutputs(Path.Combine(_scene.OutputsDirectory, App.Id.ToString()), _scene.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Directory.CreateDirectory(_scene.OutputsDirectory);
        for (var i = 1; i <= ReleaseOutputs.Kept + 3; i++)
        {
            outputs.Begin(new ReleaseVersion(i)).Lines.Write(LogSource.App, "release.1", $"{i}");
            await outputs.KeepAsync(new ReleaseVersion(i));
        }

        Assert.Equal([false, false, false, true], Enumerable.Range(1, 4).Select(i => outputs.Has(new ReleaseVersion(i))));
        Assert.Equal(["53"], await ReadAsync(outputs.Open(new ReleaseVersion(53))!));
    }

    [Fact]
    public async Task A_host_that_ends_meanwhile_fails_a_deploy_and_runs_the_command_of_a_config_change_again()
    {
        await DeployAsync("web", "release");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        var interrupted = await CommandOfAsync(3);
        interrupted.Write("half");
        await ReleaseAsync("web", "release");

        await _scene.RestartAsync();

        Assert.False(interrupted.IsAlive);
        var again = await _scene.Runtime.WaitForStartAsync(dyno => IsCommand(dyno) && dyno != interrupted && dyno.Spec.Release.Number == 3).WaitAsync(Eventually.Deadline);
        again.Write("whole");
        again.Exit(0);
        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(3)).Status);
        Assert.Equal(ReleaseStatus.Failed, (await VerdictAsync(4)).Status);
        Assert.Equal(["whole"], await ReadAsync(Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(3)).Value!));
        Assert.DoesNotContain(_scene.Runtime.Dynos, dyno => dyno.Spec.Release.Number == 4);
        Assert.Contains("no release output", Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(4)).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroying_the_app_ends_it_and_removes_what_it_printed()
    {
        await DeployAsync("web", "release");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        var command = await CommandOfAsync(3);
        var waiting = Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(3));

        await Platform.DestroyAppAsync(Platform.Operator, Name);

        Assert.Equal(ReleaseStatus.Failed, (await waiting.WaitAsync(Eventually.Deadline)).Value!.Status);
        await command.Exited.WaitAsync(Eventually.Deadline);
        await Eventually.IsTrueAsync(() => Directory.GetDirectories(_scene.OutputsDirectory).Length == 0);
    }

    [Fact]
    public async Task What_a_crash_left_of_an_app_that_is_gone_is_removed_at_the_next_start()
    {
        await DeployAsync("web", "release");
        var left = Directory.CreateDirectory(Path.Combine(_scene.OutputsDirectory, AppId.New().ToString()));

        await _scene.RestartAsync();

        Assert.False(Directory.Exists(left.FullName));
        Assert.Equal([App.Id.ToString()], Directory.GetDirectories(_scene.OutputsDirectory).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public async Task Its_dynos_have_the_size_that_was_set_for_them()
    {
        await DeployAsync("web", "release");
        Assert.Null((await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Release, null, Size: DynoSize.PerformanceM)])).Refusal);

        await ReleaseAsync("web", "release");

        Assert.Equal(DynoSize.PerformanceM, (await CommandOfAsync(3)).Spec.Size);
    }

    [Fact]
    public async Task There_is_no_output_of_a_release_without_a_command()
    {
        await DeployAsync("web");

        var refusal = Platform.OpenReleaseOutput(Platform.Operator, Name, new ReleaseVersion(2)).Refusal!;

        Assert.Equal((RefusalCode.NotFound, "Release v2 has no release output available."), (refusal.Code, refusal.Message));
    }

    private static bool IsCommand(FakeDyno dyno) => dyno.Spec.Name.Type == ProcessType.Release;

    private static async Task<List<string>> ReadAsync(LogStream output)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var lines = new List<string>();
        await foreach (var line in output.TailAsync(new LogTail { After = 0, Follow = true }, deadline.Token))
        {
            lines.Add(line.Message);
        }

        return lines;
    }

    private async Task<Release> ReleaseAsync(params string[] types) =>
        (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _scene.MakeSlugAsync(types))).Value!;

    private async Task DeployAsync(params string[] types)
    {
        var release = await ReleaseAsync(types);
        if (types.Contains("release"))
        {
            (await CommandOfAsync(release.Version.Number)).Exit(0);
        }

        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(release.Version.Number)).Status);
    }

    private Task<FakeDyno> CommandOfAsync(int version) =>
        _scene.Runtime.WaitForStartAsync(dyno => IsCommand(dyno) && dyno.Spec.Release.Number == version).WaitAsync(Eventually.Deadline);

    private async Task<Release> VerdictAsync(int version) =>
        (await Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(version)).WaitAsync(Eventually.Deadline)).Value!;
}
