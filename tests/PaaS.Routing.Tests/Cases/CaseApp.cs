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

    /// <summary>The number of the last router line; 0 if there is none.</summary>
    public long LastLine => _logs.LastNumber;

    /// <summary>Waits for the next router line in which something stands.</summary>
    /// <param name="after">The number of the line behind which to look.</param>
    /// <param name="text">What.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The line; null if it did not come.</returns>
    public async Task<string?> LineAsync(long after, string text, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in _logs.TailAsync(new LogTail { After = after, Follow = true }, cancellationToken))
            {
                if (Encoding.Latin1.GetString(line.Text.Span) is var found && found.Contains(text, StringComparison.Ordinal))
                {
                    return found;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        return null;
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
            // An app that takes so long to start is what the case is about.
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
