namespace PaaS.Runtime.Tests;

public sealed class OneOffMachineTests
{
    private readonly OneOffWorld _world = new();

    [Fact]
    public void A_detached_dyno_starts_runs_and_is_complete()
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        Assert.Equal(DynoState.Up, Assert.Single(_world.State.ToSnapshots()).State);
        _world.Exit(dyno, 3);
        Assert.Empty(_world.State.ToSnapshots());
        _world.Settle();

        Assert.Equal((3, null), (dyno.Result!.Status, dyno.Result.Reason));
        Assert.Equal(
            ["Starting process with command `bash`", "State changed from starting to up", "Process exited with status 3", "State changed from up to complete"],
            _world.Lines);
        Assert.False(_world.HasTimers);
    }

    [Fact]
    public void What_cannot_be_started_says_why()
    {
        var dyno = _world.Start();
        _world.StartFailed(dyno);

        Assert.Equal((126, "It could not be started."), (dyno.Result!.Status, dyno.Result.Reason));
        Assert.Equal(["It could not be started.", "State changed from starting to crashed"], _world.Lines[1..]);
    }

    [Fact]
    public void Nobody_who_attaches_in_time_is_R13()
    {
        var dyno = _world.Start(DynoStreams.Terminal);
        _world.Started(dyno);
        _world.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Empty(dyno.Signals);
        _world.Advance(TimeSpan.FromSeconds(0.1));
        _world.Settle();

        Assert.Equal([ProcessSignal.Terminate], dyno.Signals);
        Assert.Contains("R13", dyno.Result!.Reason, StringComparison.Ordinal);
        Assert.Equal(
            ["Error R13 (Attach error) -> Failed to attach to process", "Stopping all processes with SIGTERM", "Process exited with status 143", "State changed from up to complete"],
            _world.Lines[2..]);
    }

    [Fact]
    public void The_output_of_an_ended_dyno_waits_for_its_client()
    {
        var dyno = _world.Start(DynoStreams.Pipes);
        _world.Started(dyno);
        _world.Exit(dyno);
        _world.Settle();
        Assert.Null(dyno.Result);

        _world.Attach(dyno);
        Assert.Null(dyno.Result);
        _world.ReadToEnd(dyno);
        _world.Settle();

        Assert.Equal((0, null), (dyno.Result!.Status, dyno.Result.Reason));
    }

    [Fact]
    public void An_ended_dyno_for_which_nobody_comes_is_R13_and_goes()
    {
        var dyno = _world.Start(DynoStreams.Pipes);
        _world.Started(dyno);
        _world.Exit(dyno);
        _world.Advance(TimeSpan.FromSeconds(30));
        _world.Settle();

        Assert.Contains("R13", dyno.Result!.Reason, StringComparison.Ordinal);
        Assert.Empty(dyno.Signals);
        Assert.False(_world.HasTimers);
    }

    [Fact]
    public void A_client_that_does_not_read_on_does_not_keep_an_ended_dyno()
    {
        var dyno = _world.Start(DynoStreams.Pipes);
        _world.Started(dyno);
        _world.Attach(dyno);
        _world.Exit(dyno);
        _world.Advance(TimeSpan.FromSeconds(30));
        Assert.True(dyno.MayGo);
        _world.Removed(dyno);

        Assert.Equal(0, dyno.Result!.Status);
    }

    [Fact]
    public void A_lost_client_is_SIGHUP_every_five_seconds_and_R16_every_hour_until_the_day_is_over()
    {
        var dyno = _world.Start(DynoStreams.Terminal);
        _world.Started(dyno);
        _world.Attach(dyno);
        dyno.LastByte = _world.Now + TimeSpan.FromHours(24);
        _world.Advance(TimeSpan.FromHours(21) + TimeSpan.FromMinutes(59));
        Assert.Empty(dyno.Signals);
        _world.Leave(dyno);
        Assert.Equal([ProcessSignal.HangUp], dyno.Signals);
        var from = _world.Lines.Count;
        _world.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 3), (_world.Lines.Count - from, dyno.Signals.Count));
        _world.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(49));

        Assert.Equal(Enumerable.Repeat("Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed.", 3), _world.Lines[from..]);
        Assert.Equal(1 + (7259 / 5), dyno.Signals.Count);
        _world.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProcessSignal.Terminate, dyno.Signals[^1]);
        _world.Advance(TimeSpan.FromSeconds(30));
        _world.Settle();

        Assert.Equal(137, dyno.Result!.Status);
        Assert.Equal(
            ["Cycling", "Stopping all processes with SIGTERM", "Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM", "Stopping remaining processes with SIGKILL", "Process exited with status 137", "State changed from up to complete"],
            _world.Lines[^6..]);
    }

    [Fact]
    public void A_silent_connection_is_closed_after_an_hour_counted_from_the_last_byte()
    {
        var dyno = _world.Start(DynoStreams.Terminal);
        _world.Started(dyno);
        _world.Attach(dyno);
        _world.Advance(TimeSpan.FromMinutes(40));
        dyno.LastByte = _world.Now;
        _world.Advance(TimeSpan.FromMinutes(59));
        Assert.True(dyno.IsAttached);
        _world.Advance(TimeSpan.FromMinutes(1));

        Assert.False(dyno.IsAttached);
        Assert.Equal([ProcessSignal.HangUp], dyno.Signals);
        Assert.Contains("Closing the connection: no bytes in either direction for 3600 seconds", _world.Lines);
    }

    [Fact]
    public void A_detached_dyno_may_be_silent_for_its_day()
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        _world.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Empty(dyno.Signals);
        _world.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([ProcessSignal.Terminate], dyno.Signals);
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(1_000_000, 86_400)]
    public void A_shorter_life_can_be_asked_for_and_no_longer_one(int asked, int given)
    {
        var dyno = _world.Start(life: TimeSpan.FromSeconds(asked));
        _world.Started(dyno);
        _world.Advance(TimeSpan.FromSeconds(given - 1));
        Assert.Empty(dyno.Signals);
        _world.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([ProcessSignal.Terminate], dyno.Signals);
        Assert.Contains($"Time to live of {given} seconds is over", _world.Lines);
    }

    [Fact]
    public void A_stop_before_the_start_gives_the_start_up()
    {
        var dyno = _world.Start(DynoStreams.Terminal);
        _world.Stop(DynoSelector.One(dyno.Run.Name));
        _world.StartFailed(dyno);

        Assert.Equal("It was stopped.", dyno.Result!.Reason);
        Assert.Equal("State changed from starting to down", _world.Lines[^1]);
        Assert.True(_world.Stops.Values.Single());
        _world.Stop(DynoSelector.One(dyno.Run.Name));
        Assert.False(_world.Stops.Values.Last());
    }

    [Fact]
    public void A_client_that_goes_before_the_start_ends_it()
    {
        var dyno = _world.Start(DynoStreams.Pipes);
        _world.Attach(dyno);
        _world.Leave(dyno);
        _world.Started(dyno);
        Assert.Equal([ProcessSignal.Terminate], dyno.Signals);
        _world.Settle();

        Assert.Contains("client", dyno.Result!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_over_the_quota_is_told_and_vastly_over_it_killed()
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        _world.FireNext(500L << 20);
        Assert.Equal(2, _world.Lines.Count);
        _world.FireNext(600L << 20);
        Assert.Equal(["Process running mem=600MB(117.2%)", "Error R14 (Memory quota exceeded)"], _world.Lines[2..]);
        _world.FireNext(1100L << 20);
        _world.Settle();

        Assert.Equal(["Process running mem=1100MB(214.8%)", "Error R15 (Memory quota vastly exceeded)", "Stopping process with SIGKILL", "Process exited with status 137"], _world.Lines[4..8]);
        Assert.Contains("R15", dyno.Result!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_that_the_kernel_killed_for_its_memory_ends_it()
    {
        var dyno = _world.Start(type: "release");
        _world.Started(dyno);
        _world.FireNext(100L << 20, kills: 1);
        Assert.Equal([ProcessSignal.Kill], dyno.Signals);
        _world.Exit(dyno, 0);
        _world.Settle();

        Assert.Equal((0, DynoLines.MemoryVastlyExceeded), (dyno.Result!.Status, dyno.Result.Reason));
        Assert.Contains("Error R15 (Memory quota vastly exceeded)", _world.Lines);
    }

    [Fact]
    public void A_child_killed_for_its_memory_between_two_samples_is_no_success_either()
    {
        var dyno = _world.Start(type: "release");
        _world.Started(dyno);
        _world.Exit(dyno, new ProcessExit(0) { OutOfMemoryKills = 1 });
        _world.Settle();

        Assert.Equal((0, DynoLines.MemoryVastlyExceeded), (dyno.Result!.Status, dyno.Result.Reason));
        Assert.Contains("Error R15 (Memory quota vastly exceeded)", _world.Lines);
    }

    [Fact]
    public void A_start_that_the_engine_hangs_in_has_failed_after_five_minutes()
    {
        var dyno = _world.Start();
        _world.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal((126, "Error R99 (Platform error) -> Failed to launch the dyno within 300 seconds"), (dyno.Failure!.Status, dyno.Failure.Reason));
        Assert.Equal("State changed from starting to crashed", _world.Lines[^1]);
        _world.Settle();

        Assert.Equal([ProcessSignal.Terminate], dyno.Signals);
        Assert.True(dyno.IsGone);
        Assert.False(_world.HasTimers);
    }

    [Fact]
    public void SIGKILL_is_repeated_as_long_as_it_runs()
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        _world.Stop(DynoSelector.All);
        _world.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal([ProcessSignal.Terminate, ProcessSignal.Kill, ProcessSignal.Kill, ProcessSignal.Kill], dyno.Signals);
    }

    [Fact]
    public void Memory_over_the_quota_does_not_lengthen_the_time_to_end()
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        _world.Advance(TimeSpan.FromSeconds(19));
        _world.Stop(DynoSelector.All);
        _world.FireNext(600L << 20);
        _world.Advance(TimeSpan.FromSeconds(29));

        Assert.Equal([ProcessSignal.Terminate, ProcessSignal.Kill], dyno.Signals);
    }

    [Theory]
    [InlineData(ProcessExitReason.OutOfMemory, "R15")]
    [InlineData(ProcessExitReason.OutOfDisk, "Disk quota")]
    public void A_limit_that_ended_it_is_its_reason(ProcessExitReason reason, string expected)
    {
        var dyno = _world.Start();
        _world.Started(dyno);
        _world.Exit(dyno, 137, reason);
        _world.Settle();

        Assert.Contains(expected, dyno.Result!.Reason, StringComparison.Ordinal);
        Assert.Contains(_world.Lines, line => line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void No_more_run_than_may_but_the_platforms_own_always()
    {
        var world = new OneOffWorld(new() { MaxRunning = 2 });
        var first = world.Start();
        world.Start();
        world.TryStart(DynoStreams.Log);
        world.Start(type: "release");
        world.Start(type: "scheduler");

        Assert.Contains("runs 2 one-off dynos", Assert.Single(world.Refusals), StringComparison.Ordinal);
        world.Started(first);
        world.Exit(first);
        world.Start();
    }

    [Fact]
    public void A_shutdown_takes_those_that_wait_for_a_reader_too()
    {
        var waiting = _world.Start(DynoStreams.Pipes);
        var running = _world.Start();
        var launching = _world.Start();
        _world.Started(waiting);
        _world.Started(running);
        _world.Exit(waiting);
        _world.ShutDown();
        _world.TryStart(DynoStreams.Log);
        Assert.True(waiting.MayGo);
        _world.Settle();

        Assert.True(_world.IsShutDown && launching.IsGone && running.IsGone);
        Assert.Equal(["shut down"], _world.Refusals);
        Assert.False(_world.HasTimers);
    }
}
