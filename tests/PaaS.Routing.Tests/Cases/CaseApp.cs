using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>The app of a case in the router's table.</summary>
internal sealed class CaseApp
{
    private readonly RouterRig _rig;
    private readonly LogStream _logs = new();
    private readonly Lock _changing = new();
    private AppRoute _route;
    private Task _starting = Task.CompletedTask;

    public CaseApp(RouterRig rig, RouterCase one, CaseStage stage, IReadOnlyList<DynoEndpoint> dynos)
    {
        _rig = rig;
        Dynos = dynos;
        _route = new AppRoute(AppId.New(), AppName.Parse("case-" + one.Id), [stage.Names.Host], WebState.Up, [.. dynos], _logs) { Settings = SettingsOf(one) };
        Begin(one.App, stage);
        rig.Routes.Set(_route);
    }

    public IReadOnlyList<DynoEndpoint> Dynos { get; }

    /// <summary>Takes a node out of the table, and lets it drain.</summary>
    public void Drain(string node)
    {
        var dyno = Dynos.Single(one => one.Label == node);
        lock (_changing)
        {
            var left = _route.Endpoints.Remove(dyno);
            Set(_route with { Endpoints = left, Web = left.IsEmpty ? WebState.None : WebState.Up });
        }

        dyno.Retire();
    }

    public async Task RemoveAsync()
    {
        await _starting;
        _rig.Routes.Remove(_route.App);
    }

    /// <summary>The app's router lines so far.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync()
    {
        var lines = new List<string>();
        await foreach (var line in _logs.TailAsync(new LogTail { Lines = _logs.Capacity, Source = LogSource.Heroku, Process = "router" }, Limit.Token))
        {
            lines.Add(Encoding.Latin1.GetString(line.Text.Span));
        }

        return lines;
    }

    private static RouteSettings SettingsOf(RouterCase one)
    {
        var settings = one.Settings ?? default;
        var known = settings.ValueKind == JsonValueKind.Undefined ? [] : settings.EnumerateObject().Select(member => member.Name).Except(["expect_mode", "node_pool", "max_requests_per_node", "selection"]);
        if (known.FirstOrDefault() is { } unknown)
        {
            throw new InvalidDataException($"The runner does not know the setting '{unknown}'.");
        }

        var page = one.App?.Find("page");
        return new RouteSettings
        {
            EndToEndContinue = one.Settings?.Text("expect_mode") == "end_to_end",
            KeepsConnections = one.Settings?.Find("node_pool")?.GetBoolean(),
            MaxInFlightPerDyno = one.Settings?.Number("max_requests_per_node"),
            MaintenancePage = page is { } custom ? new RoutePage(custom.Text("content_type")!, Encoding.UTF8.GetBytes(custom.Text("body")!)) : null,
        };
    }

    private void Begin(JsonElement? app, CaseStage stage)
    {
        switch (app?.Text("state"))
        {
            case null:
                break;
            case "crashed":
                _route = _route with { Web = WebState.Crashed, Endpoints = [] };
                break;
            case "no_web":
                _route = _route with { Web = WebState.None, Endpoints = [] };
                break;
            case "blank":
                _route = _route with { Web = WebState.Blank, Endpoints = [] };
                break;
            case "maintenance":
                _route = _route with { Maintenance = true };
                break;
            case "lookup_failed":
                foreach (var dyno in Dynos)
                {
                    _rig.Selector.FailFor(dyno);
                }

                break;
            case "starting":
                _route = _route with { Web = WebState.Starting, Endpoints = [] };
                if (app.Value.Number("up_after_ms") is { } after)
                {
                    _starting = ComeUpAsync(after, stage.Over);
                }

                break;
            case var state:
                throw new InvalidDataException($"The runner does not know the state '{state}' of an app.");
        }
    }

    private async Task ComeUpAsync(int afterMs, CancellationToken over)
    {
        try
        {
            await Task.Delay(afterMs, over);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_changing)
        {
            Set(_route with { Web = WebState.Up, Endpoints = [.. Dynos] });
        }
    }

    private void Set(AppRoute route)
    {
        _route = route;
        _rig.Routes.Set(route);
    }
}

/// <summary>Plays the operator's steps.</summary>
internal sealed class CaseControl(RouterRig rig, CaseApp app, CaseStage stage)
{
    public async Task PlayAsync(IEnumerable<JsonElement> steps)
    {
        foreach (var step in steps)
        {
            var member = step.EnumerateObject().First(one => one.Name is not "deadline_ms" and not "timeout_ms");
            switch (member.Name)
            {
                case "await":
                    await stage.AwaitAsync(member.Value.GetString()!, TimeSpan.FromMilliseconds(step.Number("timeout_ms") ?? 3000));
                    break;
                case "signal":
                    stage.Signal(member.Value.GetString()!);
                    break;
                case "drain":
                    await DrainAsync(member.Value.GetString()!, step.Number("deadline_ms"));
                    break;
                case "stop_router":
                    await rig.StopAsync(TimeSpan.FromMilliseconds(member.Value.GetProperty("grace_ms").GetInt32()));
                    break;
                case "expect_new_request":
                    await ExpectNewRequestAsync(member.Value.GetProperty("code").GetString()!);
                    break;
                default:
                    throw new InvalidDataException($"The runner does not know the operator's step '{member.Name}'.");
            }
        }
    }

    private async Task DrainAsync(string node, int? deadlineMs)
    {
        app.Drain(node);
        if (deadlineMs is { } deadline)
        {
            await Task.Delay(deadline, stage.Over);
            app.Dynos.Single(dyno => dyno.Label == node).Expire();
        }
    }

    private async Task ExpectNewRequestAsync(string code)
    {
        await using var peer = new CasePeer(await CasePeer.ConnectAsync(rig.Port)).Start();
        await peer.SendAsync(Encoding.Latin1.GetBytes($"GET /new HTTP/1.1\r\nHost: {stage.Names.Host}\r\n\r\n"), stage.Over);
        await peer.WaitAsync(() => HttpMessage.Responses(peer.Received, ["GET"], peer.Ended is not null).Exists(one => one.IsComplete), Limit.Unexpected, stage.Over);
        var watch = Stopwatch.StartNew();
        string? line;
        while ((line = (await app.LinesAsync()).FirstOrDefault(one => one.Contains("path=\"/new\"", StringComparison.Ordinal))) is null && watch.Elapsed < TimeSpan.FromSeconds(4))
        {
            await Task.Delay(20, stage.Over);
        }

        if (line is null || !line.Contains($" code={code} ", StringComparison.Ordinal))
        {
            stage.Problems.Enqueue($"a new request should end with {code}, but its line is '{line}'");
        }
    }
}
