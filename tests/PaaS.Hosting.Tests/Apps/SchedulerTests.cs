using System.Collections.Immutable;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>Jobs of apps: where they come from, what runs, and what a restart of the host makes of them.</summary>
public sealed class SchedulerTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private static readonly CronSchedule s_everyTen = CronSchedule.Parse("every 10 minutes");
    private CoreScene _scene = null!;

    private Platform Platform => _scene.Platform;

    private App App => Platform.FindApp(Platform.Operator, Name).Value!;

    private IEnumerable<FakeDyno> Runs => _scene.Runtime.Dynos.Where(dyno => dyno.Spec.Name.Type.ToString() == "scheduler");

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task A_job_runs_as_a_dyno_of_the_current_release_each_time_it_comes_due()
    {
        await DeployAsync(null, "web", "mailer");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        await Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(3));
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "mailer --all", DynoSize.Standard2X);

        var first = await PassAsync(1);
        Assert.Equal(("run mailer --all", "1", 3, DynoSize.Standard2X), (first.Spec.Command, first.Spec.ConfigVars["A"], first.Spec.Release.Number, first.Spec.Size));
        Assert.Matches("^scheduler\\.[1-9][0-9]{3}$", first.Spec.Name.ToString());
        Assert.True(Assert.Single(Platform.ListJobs(Platform.Operator, Name).Value).IsRunning);
        first.Exit(0);
        await IdleAsync();

        var second = await PassAsync(2);
        Assert.NotEqual(first.Spec.Id, second.Spec.Id);
        Assert.Contains(Platform.ListDynos(Platform.Operator, Name).Value, dyno => dyno.Name == second.Spec.Name);
    }

    [Fact]
    public async Task Every_run_is_on_record_before_it_starts_and_is_never_run_again()
    {
        await DeployAsync(null, "web");
        var job = (await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a")).Value!;
        var recorded = new List<int>();
        _scene.Runtime.Script = spec =>
        {
            recorded.Add(Recorded().Count);
            return DynoScript.Ready;
        };

        await PassAsync(1);
        Assert.Equal([1], recorded);
        Assert.Equal(new DynoEvent.JobStarted(job.Id, new DateTimeOffset(2026, 11, 20, 15, 10, 0, TimeSpan.Zero)), Recorded()[0]);

        // The clock stands where the occurrence came due: a host that forgot it would run it again.
        _scene.Runtime.Script = _ => DynoScript.Ready;
        await _scene.RestartAsync();
        Assert.Equal(_scene.Time.GetUtcNow().AddMinutes(10), Assert.Single(await JobsAsync()).Next);
        Assert.Single(Runs);
        await PassAsync(2);
    }

    [Fact]
    public async Task A_run_that_cannot_be_recorded_does_not_start_and_the_next_one_does()
    {
        await DeployAsync(null, "web");
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");
        _scene.Journal.FailOnce(EventTypes.JobStarted);

        await JobsAsync();
        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        await LoggedAsync("could not be recorded");
        await IdleAsync();
        Assert.Empty(Runs);

        await PassAsync(1);
    }

    [Fact]
    public async Task A_job_whose_run_is_still_going_on_is_skipped_and_the_log_says_so()
    {
        await DeployAsync(null, "web");
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");
        var going = await PassAsync(1);

        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        await LoggedAsync("The run of `rake a` that was due at 2026-11-20T15:20Z is left out: the one before it is still going on.");
        Assert.Single(Runs);
        going.Exit(1);
        await IdleAsync();

        await PassAsync(2);
    }

    [Fact]
    public async Task A_run_that_cannot_be_started_says_so_in_the_log()
    {
        await DeployAsync(null, "web");
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");
        await JobsAsync();
        Assert.True(_scene.Core.Directory.TryFind(Name, out var hosted));
        await hosted.OneOffs.DisposeAsync();

        _scene.Time.Advance(TimeSpan.FromMinutes(10));

        await LoggedAsync("The run of `rake a` that was due at 2026-11-20T15:10Z could not be started: Error R99 (Platform error)");
    }

    [Fact]
    public async Task What_was_missed_while_the_host_was_down_is_not_made_up()
    {
        await DeployAsync(null, "web");
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");

        await _scene.RestartAsync(TimeSpan.FromHours(5) + TimeSpan.FromMinutes(1));

        Assert.Equal(new DateTimeOffset(2026, 11, 20, 20, 10, 0, TimeSpan.Zero), Assert.Single(await JobsAsync()).Next);
        _scene.Time.Advance(TimeSpan.FromMinutes(9));
        await _scene.Runtime.WaitForStartAsync(dyno => Runs.Contains(dyno)).WaitAsync(Eventually.Deadline);
        Assert.Single(Runs);
    }

    [Fact]
    public async Task The_jobs_of_the_manifest_are_those_of_the_current_release()
    {
        await DeployAsync(new AppManifest { Cron = [new CronEntry("0 4 * * *", "rake a"), new CronEntry("@hourly", "rake b", DynoSize.Eco)] }, "web");
        var before = await JobsAsync();
        Assert.Equal(["rake a", "rake b"], before.Select(status => status.Job.Command).Order());
        Assert.Contains("app.json", (await Platform.RemoveJobAsync(Platform.Operator, Name, before[0].Job.Id)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("app.json", (await Platform.UpdateJobAsync(Platform.Operator, Name, before[0].Job.Id, s_everyTen)).Refusal!.Message, StringComparison.Ordinal);

        await DeployAsync(new AppManifest { Cron = [new CronEntry("@hourly", "rake b", DynoSize.Eco), new CronEntry("@hourly", "rake b", DynoSize.Eco)] }, "web");

        var after = await JobsAsync(2);
        Assert.Equal(["rake b", "rake b"], after.Select(status => status.Job.Command));
        Assert.Equal(2, after.Select(status => status.Job.Id).Distinct().Count());
        Assert.Contains(before.Single(status => status.Job.Command == "rake b").Job.Id, after.Select(status => status.Job.Id));
        await Platform.RollbackAsync(Platform.Operator, Name, new ReleaseVersion(2));
        await Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(4));
        Assert.Equal(before.Select(status => status.Job.Id), (await JobsAsync()).Select(status => status.Job.Id));
    }

    [Fact]
    public async Task A_slug_whose_manifest_has_no_real_schedule_is_refused()
    {
        var slug = await _scene.MakeSlugAsync("web") with { Manifest = new AppManifest { Cron = [new CronEntry("61 * * * *", "rake a")] } };

        var refusal = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, slug)).Refusal!;

        Assert.StartsWith("cron[0]: Column 1: '61' is no minute.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_of_an_app_without_code_waits_for_it()
    {
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");
        await JobsAsync();
        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        await LoggedAsync("the app has no code yet");

        await DeployAsync(null, "web");
        await PassAsync(1);
    }

    [Fact]
    public async Task A_removed_job_runs_no_more_and_jobs_survive_a_restart()
    {
        await DeployAsync(null, "web");
        var removed = (await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a")).Value!;
        var kept = (await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake b")).Value!;
        await Platform.RemoveJobAsync(Platform.Operator, Name, removed.Id);

        await _scene.RestartAsync();

        Assert.Equal([kept], (await JobsAsync()).Select(status => status.Job));
        Assert.Equal("rake b", (await PassAsync(1)).Spec.Command);
    }

    [Fact]
    public async Task The_end_of_the_app_ends_its_runs()
    {
        await DeployAsync(null, "web");
        await Platform.CreateJobAsync(Platform.Operator, Name, s_everyTen, "rake a");
        var run = await PassAsync(1);

        await Platform.DestroyAppAsync(Platform.Operator, Name);

        await run.Exited.WaitAsync(Eventually.Deadline);
        Assert.Contains(ProcessSignal.Terminate, run.Signals);
    }

    private List<DynoEvent> Recorded() =>
        [.. _scene.Journal.ReadAllAsync(StreamName.OfDynos(App.Id)).GetAwaiter().GetResult().Select(DynoEventCodec.Decode).Where(e => e is DynoEvent.JobStarted)];

    /// <summary>The jobs, once the scheduler has them.</summary>
    private async Task<ImmutableArray<JobStatus>> JobsAsync(int? count = null)
    {
        Assert.True(_scene.Core.Directory.TryFind(Name, out var hosted));
        var wanted = AppJobs.Of(App).Select(job => job.Id).Order().ToList();
        await Eventually.IsTrueAsync(() => hosted!.Scheduler.Jobs.Select(status => status.Job.Id).Order().SequenceEqual(wanted) && wanted.Count == (count ?? wanted.Count));
        return Platform.ListJobs(Platform.Operator, Name).Value;
    }

    private Task IdleAsync()
    {
        Assert.True(_scene.Core.Directory.TryFind(Name, out var hosted));
        return Eventually.IsTrueAsync(() => !hosted!.Scheduler.Jobs.Any(status => status.IsRunning));
    }

    /// <summary>Ten minutes pass; gives the newest of so many runs.</summary>
    private async Task<FakeDyno> PassAsync(int runs)
    {
        await JobsAsync();
        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.IsTrueAsync(() => Runs.Count() == runs);
        return Runs.Last();
    }

    private async Task LoggedAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await foreach (var line in Platform.OpenLog(Platform.Operator, Name).Value!.TailAsync(new LogTail { Lines = 1500, Follow = true }, deadline.Token))
        {
            if (line.Process == "scheduler" && line.Message.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private async Task DeployAsync(AppManifest? manifest, params string[] types)
    {
        var release = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _scene.MakeSlugAsync(types) with { Manifest = manifest })).Value!;
        Assert.Equal(ReleaseStatus.Succeeded, (await Platform.WaitForReleaseAsync(Platform.Operator, Name, release.Version).WaitAsync(Eventually.Deadline)).Value!.Status);
    }
}
