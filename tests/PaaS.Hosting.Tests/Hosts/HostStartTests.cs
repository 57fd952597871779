using System.Collections.Concurrent;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>What a host does with what the one before it has left, before it starts anything.</summary>
public sealed class HostStartTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private CoreScene _scene = null!;

    private Platform Platform => _scene.Platform;

    private HostedApp Hosted => _scene.Core.Directory.TryFind(Name, out var hosted) ? hosted : throw new InvalidOperationException("The app is not there.");

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
        var release = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _scene.MakeSlugAsync("web"))).Value!;
        await Platform.WaitForReleaseAsync(Platform.Operator, Name, release.Version).WaitAsync(Eventually.Deadline);
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task What_the_engine_lists_is_killed_and_removed_before_the_first_start()
    {
        var web = _scene.Runtime.Alive.Single();
        await _scene.Core.DisposeAsync();
        var left = (FakeDyno)await new FakeDynoRuntime().StartAsync(web.Spec);
        var engine = new EngineWithOneLeft(_scene.Runtime, left);
        await using var core = new PlatformCore(_scene.Core.Services with { Runtime = engine, Routes = new RouteTable() }, new Platform(new OwnerAccessPolicy()));

        await core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);

        await Eventually.IsTrueAsync(() => !engine.Starts.IsEmpty);
        Assert.Equal([ProcessSignal.Kill], left.Signals);
        Assert.All(engine.Starts, wasGone => Assert.True(wasGone));
    }

    [Fact]
    public async Task Dynos_that_died_with_a_killed_host_are_on_record_as_ended_before_anything_starts()
    {
        var id = Hosted.Id;
        await LeaveRunningAsync(id);

        // Asked at each start: is the end of the one that died on record?
        var ended = new ConcurrentQueue<bool>();
        _scene.Runtime.Script = _ =>
        {
            ended.Enqueue(_scene.Journal.ReadAllAsync(StreamName.OfDynos(id)).Result.Count(e => e.Event.Type == EventTypes.DynoEnded) == 2);
            return DynoScript.Ready;
        };
        await _scene.RestartAsync();

        await Eventually.IsTrueAsync(() => !ended.IsEmpty);
        Assert.All(ended, Assert.True);
    }

    [Fact]
    public async Task A_journal_that_cannot_take_their_end_fails_the_start()
    {
        await LeaveRunningAsync(Hosted.Id);
        var starts = _scene.Runtime.Dynos.Count;
        _scene.Journal.FailOnce(EventTypes.DynoEnded);

        await Assert.ThrowsAsync<IOException>(_scene.RestartAsync);

        Assert.Equal(starts, _scene.Runtime.Dynos.Count);
    }

    [Fact]
    public async Task With_no_free_hours_left_nothing_that_lives_on_them_is_started()
    {
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Web, 1, Size: DynoSize.Eco)]);
        await Eventually.IsTrueAsync(() => Hosted.Supervisor.Dynos is [{ Size: var size, State: DynoState.Up }] && size == DynoSize.Eco);
        await Eventually.IsTrueAsync(() => Hosted.Usage.Running.Values.Any(dyno => dyno.Size == DynoSize.Eco));
        _scene.Time.Advance(TimeSpan.FromHours(2));
        _scene.Options.FreeHours = TimeSpan.FromHours(1);
        _scene.Options.Supervisor = _scene.Options.Supervisor with { IdleAfter = null, CycleAfter = null };
        await Platform.CreateJobAsync(Platform.Operator, Name, CronSchedule.Parse("every 10 minutes"), "rake a", DynoSize.Eco);
        var starts = _scene.Runtime.Dynos.Count;

        await _scene.RestartAsync();

        Assert.Equal(DynoState.Idle, Assert.Single(Hosted.Supervisor.Dynos).State);
        var oneOff = await Platform.RunAsync(Platform.Operator, Name, new OneOffRequest { Command = "rake b", Size = DynoSize.Eco });
        Assert.StartsWith("All 1 free dyno hours of this month are used", oneOff.Refusal!.Message, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(() => Hosted.Scheduler.Jobs.Length == 1);
        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        await LoggedAsync("is left out: All 1 free dyno hours of this month are used");
        Assert.Equal(starts, _scene.Runtime.Dynos.Count);
        Assert.Null((await Platform.RunAsync(Platform.Operator, Name, new OneOffRequest { Command = "rake b" })).Refusal);
    }

    /// <summary>The host ends, and its stream of dynos looks as if it had been killed.</summary>
    private async Task LeaveRunningAsync(AppId id)
    {
        await Eventually.IsTrueAsync(() => Hosted.Usage.Running.Count == 1);
        await _scene.Core.DisposeAsync();
        var stream = StreamName.OfDynos(id);
        var e = new DynoEvent.Started(Guid.NewGuid(), new RunningDyno(ProcessType.Web, DynoSize.Eco, _scene.Time.GetUtcNow()));
        var result = await _scene.Journal.AppendAsync(
            stream, (await _scene.Journal.ReadAllAsync(stream))[^1].Version, [DynoEventCodec.Encode(e, new EventOrigin(Platform.Operator, _scene.Time.GetUtcNow()), Guid.NewGuid())]);
        Assert.True(result.Succeeded);
    }

    private async Task LoggedAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await foreach (var line in Hosted.Logs.TailAsync(new LogTail { Lines = 1500, Follow = true }, deadline.Token))
        {
            if (line.Message.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    /// <summary>An engine that still has a dyno of an earlier host.</summary>
    private sealed class EngineWithOneLeft(IDynoRuntime inner, FakeDyno left) : IDynoRuntime
    {
        /// <summary>For each start: whether the one left was gone by then.</summary>
        public ConcurrentQueue<bool> Starts { get; } = new();

        public ProcessIsolation Isolation => inner.Isolation;

        public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => new([left]);

        public ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default) => inner.PrepareAsync(slug, userId, cancellationToken);

        public ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
        {
            Starts.Enqueue(left.Disposed.IsCompleted && !left.IsAlive);
            return inner.StartAsync(spec, cancellationToken);
        }
    }
}
