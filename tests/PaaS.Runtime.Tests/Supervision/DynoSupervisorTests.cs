using PaaS.Core;
using PaaS.Runtime;
using PaaS.Testing;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public sealed class DynoSupervisorTests : IAsyncDisposable
{
    private static readonly TimeSpan Unexpected = TimeSpan.FromSeconds(30);
    private readonly ManualTimeProvider _time = new();
    private readonly FakeDynoRuntime _runtime = new();
    private readonly RouteTable _routes = new();
    private readonly LogStream _logs;
    private readonly SupervisedApp _app = new(AppId.New(), AppName.Parse("floating-dragon-42"), ["floating-dragon-42.localhost"], 4242);
    private readonly HeldTimers _timers;
    private readonly DynoSupervisor _supervisor;

    public DynoSupervisorTests()
    {
        _logs = new LogStream(_time);
        _timers = new HeldTimers(_time);
        _supervisor = new(_app, _runtime, _routes, _logs, time: _timers, random: new ScriptedRandom(7));
    }

    private AppRoute Route => _routes.Find("floating-dragon-42.localhost")!;

    public async ValueTask DisposeAsync()
    {
        foreach (var dyno in _runtime.Alive)
        {
            dyno.Exit(143);
        }

        await _supervisor.DisposeAsync();
    }

    [Fact]
    public async Task A_deploy_starts_dynos_with_all_they_need_and_publishes_their_endpoints()
    {
        Assert.Equal(WebState.Blank, Route.Web);

        var outcome = await Deploy(1, Formation(web: 2, worker: 1));

        Assert.True(outcome.IsSuccess);
        Assert.Equal(WebState.Up, Route.Web);
        Assert.Equal(["web.1", "web.2"], Route.Endpoints.Select(endpoint => endpoint.Dyno.ToString()));
        var dyno = await Started("web.1");
        var web = dyno.Spec;
        Assert.Equal(("web.1", true, 4242, "run web v1"), (web.Name.ToString(), web.Listens, web.UserId, web.Command));
        Assert.Equal(dyno.Endpoint, Route.Endpoints[0].Address);
        await Until(() => _supervisor.Dynos is [{ State: DynoState.Up }, { State: DynoState.Up }, { State: DynoState.Up }]);
        Assert.Equal(_runtime.Dynos.Select(one => one.Spec.Id).Order(), _supervisor.Dynos.Select(one => one.Id).Order());
    }

    [Fact]
    public async Task A_dyno_is_told_where_in_its_slug_the_app_is()
    {
        var release = Release(1);

        await _supervisor.DeployAsync(release with { Slug = release.Slug with { AppDirectory = SourcePath.Parse("apps/web") } }, Formation(web: 1)).WaitAsync(Unexpected);

        Assert.Equal(SourcePath.Parse("apps/web"), (await Started("web.1")).Spec.AppDirectory);
    }

    [Fact]
    public async Task A_failed_deploy_carries_the_last_lines_of_the_dyno_that_failed_and_leaves_the_route_alone()
    {
        await Deploy(1, Formation(web: 1));
        var route = Route;
        _runtime.Script = _ => DynoScript.ExitsBeforeReady(3) with { Output = [.. Enumerable.Range(1, 60).Select(n => $"line {n}")] };

        var outcome = await Deploy(2, Formation(web: 1));

        Assert.Equal(SwapStatus.Failed, outcome.Status);
        Assert.StartsWith("web.1 exited with status 3", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal("web.1", outcome.Dyno.ToString());
        Assert.Equal(50, outcome.LastLines.Length);
        Assert.Contains("line 60", outcome.LastLines);
        Assert.DoesNotContain("line 10", outcome.LastLines);
        Assert.Same(route, Route);
        Assert.Equal("v1", Assert.Single(_supervisor.Dynos).Release.ToString());
    }

    [Fact]
    public async Task The_last_lines_of_a_failing_dyno_are_its_own_not_those_of_the_old_one_of_its_name()
    {
        await Deploy(1, Formation(web: 1));
        var old = _runtime.Dynos[0];
        _runtime.Script = _ => DynoScript.NeverReady;
        var deploy = Deploy(2, Formation(web: 1));
        var failing = await _runtime.WaitForStartAsync(dyno => dyno != old).WaitAsync(Unexpected);
        old.Write("the old one serves");
        failing.Write("the new one fails");
        old.Write("the old one serves on");

        failing.Exit(1);
        var outcome = await deploy;

        Assert.Equal(["the new one fails", "Process exited with status 1", "State changed from starting to crashed"], outcome.LastLines.AsEnumerable());
    }

    [Fact]
    public async Task A_dyno_is_asked_for_its_health_as_often_as_its_app_json_says()
    {
        _runtime.Script = _ => DynoScript.Ready with { HealthStatus = 500 };
        var release = Release(1);
        var check = new HealthCheck("/health", 3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2));
        var deploy = _supervisor.DeployAsync(release with { Slug = release.Slug with { Manifest = HealthCheckTests.Manifest(check) } }, Formation(web: 1)).WaitAsync(Unexpected);
        var dyno = await Started("web.1");
        for (var asked = 1; asked < 3; asked++)
        {
            // The observer, the boot time-out, the pause.
            await Until(() => dyno.HealthChecks == asked && _time.WaitingTimers == 3);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal("web.1 listens, but GET /health answered 500 (3 attempts)", (await deploy).Reason);
        Assert.Equal(3, dyno.HealthChecks);
        Assert.Equal([ProcessSignal.Kill], dyno.Signals);
        _runtime.Script = _ => DynoScript.Ready;
        Assert.True((await Deploy(2, Formation(web: 1))).IsSuccess);
    }

    [Fact]
    public async Task Dynos_are_measured_every_20_seconds()
    {
        await Deploy(1, Formation(web: 1));
        var dyno = _runtime.Dynos[0];
        dyno.Usage = new ProcessUsage(500L << 20, 100L << 20, 40L << 20, 3, TimeSpan.Zero, 0);
        _time.Advance(TimeSpan.FromSeconds(20));
        await Until(() => Lines().Contains("Process running mem=540MB(105.5%)"));

        dyno.Usage = dyno.Usage with { MemoryBytes = 1100L << 20 };
        _time.Advance(TimeSpan.FromSeconds(20));
        await dyno.Disposed.WaitAsync(Unexpected);

        Assert.Contains("Error R15 (Memory quota vastly exceeded)", Lines());
        Assert.Equal([ProcessSignal.Kill], dyno.Signals);
    }

    [Fact]
    public async Task An_eco_app_that_nobody_uses_sleeps_and_a_request_in_the_router_wakes_it()
    {
        await Deploy(1, Formation(web: 1, size: DynoSize.Eco));
        var dyno = _runtime.Dynos[0];
        var endpoint = Route.Endpoints.Single();
        Assert.True(endpoint.TryAcquire());
        _time.Advance(TimeSpan.FromMinutes(40));
        endpoint.Release();
        await Until(() => Route.Web == WebState.Up);

        // However many minutes: the supervisor's loop hears of them on a thread of its own.
        using var deadline = new CancellationTokenSource(Unexpected);
        while (Route.Web != WebState.Idle)
        {
            deadline.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await dyno.Disposed.WaitAsync(Unexpected);
        Assert.Equal(DynoState.Idle, _supervisor.Dynos.Single().State);
        Route.Wake!();
        await Until(() => Route.Web == WebState.Up);

        _supervisor.Sleep(canWake: false);
        await Until(() => Route.Web == WebState.None);
        _supervisor.Sleep();
        await Until(() => Route.Web == WebState.Idle);
        _supervisor.Wake();
        await Until(() => Route.Web == WebState.Up);
    }

    [Fact]
    public async Task A_dyno_on_a_wrong_port_fails_the_deploy_at_its_boot_timeout_and_is_killed()
    {
        _runtime.Script = _ => DynoScript.NeverReady with { OtherPorts = [3000] };
        var deploy = Deploy(1, Formation(web: 1));
        var dyno = await Started("web.1");
        await Until(() => _timers.Has(TimeSpan.FromSeconds(60)));

        _time.Advance(TimeSpan.FromSeconds(60));
        var outcome = await deploy;

        Assert.Equal($"web.1 listens on port 3000, not on $PORT ({dyno.Endpoint!.Port})", outcome.Reason);
        Assert.Equal([ProcessSignal.Kill], dyno.Signals);
        await dyno.Disposed.WaitAsync(Unexpected);
    }

    [Fact]
    public async Task A_start_that_the_engine_refuses_fails_the_deploy_with_its_reason()
    {
        _runtime.Script = _ => DynoScript.FailsToStart("bash is missing; install it.");

        var outcome = await Deploy(1, Formation(web: 1));

        Assert.Equal("bash is missing; install it.", outcome.Reason);
        Assert.Contains("bash is missing; install it.", outcome.LastLines);
    }

    [Fact]
    public async Task A_slug_that_is_not_what_it_was_is_R17()
    {
        var (expected, actual) = (SlugId.FromDigest(new byte[32]), SlugId.FromDigest([.. Enumerable.Repeat((byte)255, 32)]));
        _runtime.Script = _ => throw new SlugChecksumException(expected, actual);

        var outcome = await Deploy(1, Formation(web: 1));

        Assert.Equal($"Error R17 (Checksum error) -> Checksum does match expected value. Expected: SHA256:{expected.Hex} Actual: SHA256:{actual.Hex}", outcome.Reason);
        Assert.Equal([outcome.Reason, "State changed from starting to crashed"], outcome.LastLines.AsEnumerable());
    }

    [Fact]
    public async Task A_request_in_flight_keeps_the_old_dyno_alive_until_it_ends()
    {
        await Deploy(1, Formation(web: 1));
        var old = _runtime.Dynos[0];
        var endpoint = Route.Endpoints.Single();
        Assert.True(endpoint.TryAcquire());

        await Deploy(2, Formation(web: 1));
        await Until(() => endpoint.Retired.IsCancellationRequested);
        Assert.False(endpoint.TryAcquire());
        Assert.Empty(old.Signals);

        endpoint.Release();

        await old.Disposed.WaitAsync(Unexpected);
        Assert.Equal([ProcessSignal.Terminate], old.Signals);
    }

    [Fact]
    public async Task Out_of_the_table_then_drained_then_its_requests_are_ended_and_only_then_SIGTERM()
    {
        await Deploy(1, Formation(web: 1));
        var old = _runtime.Dynos[0];
        var endpoint = Route.Endpoints.Single();
        Assert.True(endpoint.TryAcquire());
        var order = new List<string>();
        endpoint.Retired.Register(() => order.Add(Route.Endpoints.Contains(endpoint) ? "retired in the table" : "retired"));
        endpoint.Expired.Register(() =>
        {
            order.Add($"expired after {old.Signals.Count} signals");
            endpoint.Release();
        });

        await Deploy(2, Formation(web: 1));
        await Until(() => _timers.Has(TimeSpan.FromSeconds(30)));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(endpoint.Expired.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));

        await old.Disposed.WaitAsync(Unexpected);
        Assert.Equal(["retired", "expired after 0 signals"], order);
        Assert.Equal([ProcessSignal.Terminate], old.Signals);
    }

    [Fact]
    public async Task Maintenance_and_settings_reach_the_route_and_leave_the_dynos_and_their_requests_alone()
    {
        await Deploy(1, Formation(web: 1));
        var endpoint = Route.Endpoints.Single();
        Assert.True(endpoint.TryAcquire());
        var settings = new RouteSettings { FirstByteTimeout = TimeSpan.FromMinutes(2) };

        _supervisor.Reroute(maintenance: true, settings);
        await Until(() => Route.Maintenance);

        Assert.Same(settings, Route.Settings);
        Assert.Equal([endpoint], Route.Endpoints.AsEnumerable());
        Assert.False(endpoint.Retired.IsCancellationRequested);
        await Deploy(2, Formation(web: 1));
        Assert.True(Route.Maintenance);
        Assert.Same(settings, Route.Settings);
        endpoint.Release();
    }

    [Fact]
    public async Task A_crashed_dyno_is_started_again_with_another_id()
    {
        await Deploy(1, Formation(web: 1));
        var crashed = _runtime.Dynos[0];

        crashed.Exit(0);

        var next = await _runtime.WaitForStartAsync(dyno => dyno != crashed).WaitAsync(Unexpected);
        await Until(() => Route.Endpoints is [var one] && one.Address.Equals(next.Endpoint));
        Assert.NotEqual(crashed.Spec.Id, _supervisor.Dynos.Single().Id);
    }

    [Fact]
    public async Task Giving_up_the_wait_for_a_deploy_does_not_stop_it()
    {
        _runtime.Script = _ => DynoScript.NeverReady;
        using var impatient = new CancellationTokenSource();
        var deploy = _supervisor.DeployAsync(Release(1), Formation(web: 1), impatient.Token);
        var dyno = await Started("web.1");

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deploy);
        dyno.BecomeReady();

        await Until(() => Route.Web == WebState.Up);
    }

    [Fact]
    public async Task A_renamed_app_keeps_its_dynos_under_its_new_hosts()
    {
        await Deploy(1, Formation(web: 1));
        var endpoints = Route.Endpoints;

        _supervisor.Rename(AppName.Parse("calm-river-7"), ["calm-river-7.localhost"]);

        await Until(() => _routes.Find("calm-river-7.localhost") is not null);
        Assert.Null(_routes.Find("floating-dragon-42.localhost"));
        Assert.Equal(endpoints.AsEnumerable(), _routes.Find("calm-river-7.localhost")!.Endpoints.AsEnumerable());
        Assert.Single(_runtime.Dynos);
        Assert.Equal("calm-river-7", _supervisor.App.Name.ToString());
    }

    [Fact]
    public async Task Disposing_leaves_nothing_running_and_ends_what_waits()
    {
        await Deploy(1, Formation(web: 2, worker: 2));
        _runtime.Script = _ => DynoScript.NeverReady;
        var deploy = Deploy(2, Formation(web: 2, worker: 2));
        await Until(() => _runtime.Dynos.Count == 6);

        await _supervisor.DisposeAsync();

        Assert.Equal(SwapStatus.Interrupted, (await deploy).Status);
        Assert.Empty(_runtime.Alive);
        Assert.All(_runtime.Dynos, dyno => Assert.True(dyno.Disposed.IsCompleted));
        Assert.All(_runtime.Dynos, dyno => Assert.Equal(ProcessSignal.Terminate, dyno.Signals[0]));
        Assert.Empty(Route.Endpoints);
        Assert.Empty(_supervisor.Dynos);
        Assert.Equal(SwapStatus.Interrupted, (await _supervisor.DeployAsync(Release(3), Formation(web: 1))).Status);
        await _supervisor.DisposeAsync();
        Assert.Equal(0, _time.WaitingTimers);
    }

    [Fact]
    public async Task A_shutdown_kills_what_does_not_heed_SIGTERM_after_the_grace_it_is_given()
    {
        _runtime.Script = _ => DynoScript.IgnoresTerm;
        await Deploy(1, Formation(worker: 1));
        var dyno = _runtime.Dynos.Single();
        var end = _supervisor.ShutDownAsync(TimeSpan.FromSeconds(5));
        await Until(() => dyno.Signals.Contains(ProcessSignal.Terminate) && _time.WaitingTimers == 3);

        _time.Advance(TimeSpan.FromSeconds(5));
        await end.WaitAsync(Unexpected);

        Assert.Equal([ProcessSignal.Terminate, ProcessSignal.Kill], dyno.Signals);
    }

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Assert.Throws<ArgumentException>(() => new DynoSupervisor(_app, _runtime, _routes, _logs, new SupervisorOptions { BootTimeout = TimeSpan.Zero }));

    private Task<SwapOutcome> Deploy(int version, Formation formation) => _supervisor.DeployAsync(Release(version), formation).WaitAsync(Unexpected);

    private List<string> Lines()
    {
        var tail = _logs.TailAsync(new() { Lines = 1000 }).ToBlockingEnumerable();
        return [.. tail.Select(line => line.Message)];
    }

    private Task<FakeDyno> Started(string name) => _runtime.WaitForStartAsync(dyno => dyno.Spec.Name.ToString() == name).WaitAsync(Unexpected);

    /// <summary>The shell works on threads of its own: every step of it shows in what it publishes, so look until it does.</summary>
    private static async Task Until(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Unexpected);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
