using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaaS.Testing;

/// <summary>
/// Changes a running app through the Platform API, one change after another, each waited for until it has taken effect; in the
/// end the app is as it was found: release, config vars, quantity and size.
/// </summary>
/// <param name="api">A client of the API, with its address and the token.</param>
/// <param name="app">The app's name or id.</param>
/// <param name="time">The clock. Default: the system's.</param>
public sealed class AppChanges(HttpClient api, string app, TimeProvider? time = null)
{
    /// <summary>The config var that <see cref="AppChange.Config"/> sets.</summary>
    public const string ConfigVar = "PAAS_PROOF";

    /// <summary>How many web dynos <see cref="AppChange.Scale"/> goes up to: 10.</summary>
    public const int ScaledTo = 10;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly string _path = $"/apps/{Uri.EscapeDataString(app)}";

    /// <summary>The newest release before the change: what became of it and of those before is not the change's doing.</summary>
    private int? _newest;

    /// <summary>How many web dynos <see cref="AppChange.Scale"/> goes up to. Default: <see cref="ScaledTo"/>.</summary>
    public int ScaleTo { get; init; } = ScaledTo;

    /// <summary>Reads a list such as <c>restart,config,scale,rollback,size</c>.</summary>
    /// <param name="text">The list.</param>
    /// <exception cref="FormatException">Not such a list.</exception>
    public static ImmutableArray<AppChange> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',').Select(static name => Enum.TryParse<AppChange>(name.Trim(), ignoreCase: true, out var change) && !char.IsAsciiDigit(name.Trim()[0])
            ? change
            : throw new FormatException($"'{name.Trim()}' is no change. Choose from restart, config, scale, rollback and size, separated by commas."))];
    }

    /// <summary>Makes the changes, in this order, so many times, and puts everything back.</summary>
    /// <param name="changes">Which changes.</param>
    /// <param name="rounds">How many times, from 1.</param>
    /// <param name="said">Told a line after each change.</param>
    /// <param name="cancellationToken">Stops between two changes or while waiting for one; everything is put back all the same.</param>
    /// <exception cref="ZeroDowntimeException">The API refused a change, or it did not take effect within five minutes.</exception>
    public async Task RunAsync(IReadOnlyList<AppChange> changes, int rounds, Action<string> said, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(said);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var before = await CurrentAsync(cancellationToken);
        var web = await WebAsync(cancellationToken);
        try
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var change in changes)
                {
                    var started = _time.GetTimestamp();
                    await MakeAsync(change, cancellationToken);
                    said(string.Create(CultureInfo.InvariantCulture, $"{Name(change)} {round}/{rounds}: {_time.GetElapsedTime(started).TotalSeconds:0.0} s"));
                }
            }
        }
        finally
        {
            // Also after Ctrl-C: the app is its owner's.
            using var patience = new CancellationTokenSource(s_patience, _time);
            await RestoreAsync(before, web, patience.Token);
        }
    }

    /// <summary>Makes one change and waits until it has taken effect. It is not put back.</summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ZeroDowntimeException">The API refused it, or it did not take effect within five minutes.</exception>
    public async Task MakeAsync(AppChange change, CancellationToken cancellationToken = default)
    {
        await NoteReleasesAsync(cancellationToken);
        switch (change)
        {
            case AppChange.Restart:
                await RestartAsync(cancellationToken);
                break;
            case AppChange.Config:
                await SendAsync(HttpMethod.Patch, "/config-vars", new JsonObject { [ConfigVar] = Guid.NewGuid().ToString("N") }, cancellationToken);
                await SettleAsync(cancellationToken);
                break;
            case AppChange.Scale:
                var (quantity, _) = await WebAsync(cancellationToken);
                await ScaleAsync(ScaleTo, null, cancellationToken);
                await ScaleAsync(quantity, null, cancellationToken);
                break;
            case AppChange.Rollback:
                await RollbackAsync(cancellationToken);
                break;
            case AppChange.Size:
                var (_, size) = await WebAsync(cancellationToken);
                await ScaleAsync(null, Other(size), cancellationToken);
                await ScaleAsync(null, size, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change, null);
        }
    }

    /// <summary>Waits until no release is pending and every dyno of the formation is up on the current one. After a change that was made here, releases from before it are left out.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ZeroDowntimeException">The newest release failed, or it took more than five minutes.</exception>
    public Task SettleAsync(CancellationToken cancellationToken = default) => UntilAsync("every dyno is up on the current release", () => IsSettledAsync(cancellationToken), cancellationToken);

    private static string Name(AppChange change) => change.ToString().ToLowerInvariant();

    private static string Other(string size) => size == "Standard-1X" ? "Standard-2X" : "Standard-1X";

    private static int Version(JsonNode release) => release["version"]!.GetValue<int>();

    private static bool IsCurrent(JsonNode release) => release["current"]!.GetValue<bool>();

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? string.Empty;

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        var old = (await ListAsync("/dynos", cancellationToken)).Select(static dyno => Text(dyno["id"])).ToHashSet();
        await SendAsync(HttpMethod.Delete, "/dynos", null, cancellationToken);
        await UntilAsync(
            "every dyno has been replaced",
            async () => !(await ListAsync("/dynos", cancellationToken)).Any(dyno => old.Contains(Text(dyno["id"]))) && await IsSettledAsync(cancellationToken),
            cancellationToken);
    }

    private async Task RollbackAsync(CancellationToken cancellationToken)
    {
        var releases = await ListAsync("/releases", cancellationToken);
        var current = Version(releases.Single(IsCurrent));
        var target = releases.LastOrDefault(release => Version(release) < current && release["slug"] is not null && Text(release["status"]) == "succeeded")
            ?? throw new ZeroDowntimeException($"{app} has no release before v{current} to roll back to. Put another change first, as in config,rollback.");
        await RollbackToAsync(Version(target), cancellationToken);
    }

    private async Task RollbackToAsync(int version, CancellationToken cancellationToken)
    {
        await SendAsync(HttpMethod.Post, "/releases", new JsonObject { ["release"] = $"{version}" }, cancellationToken);
        await SettleAsync(cancellationToken);
    }

    private async Task ScaleAsync(int? quantity, string? size, CancellationToken cancellationToken)
    {
        var body = new JsonObject();
        if (quantity is { } number)
        {
            body["quantity"] = number;
        }

        if (size is not null)
        {
            body["size"] = size;
        }

        await SendAsync(HttpMethod.Patch, "/formation/web", body, cancellationToken);
        await UntilAsync(
            $"web has {quantity?.ToString(CultureInfo.InvariantCulture) ?? "its"} dynos {size}",
            async () => await IsSettledAsync(cancellationToken)
                && (size is null || (await ListAsync("/dynos", cancellationToken)).Where(static dyno => Text(dyno["type"]) == "web").All(dyno => Text(dyno["size"]) == size)),
            cancellationToken);
    }

    private async Task RestoreAsync(int version, (int Quantity, string Size) web, CancellationToken cancellationToken)
    {
        await NoteReleasesAsync(cancellationToken);
        if (await WebAsync(cancellationToken) != web)
        {
            await ScaleAsync(web.Quantity, web.Size, cancellationToken);
        }

        if (await CurrentAsync(cancellationToken) != version)
        {
            await RollbackToAsync(version, cancellationToken);
        }
    }

    private async Task NoteReleasesAsync(CancellationToken cancellationToken) =>
        _newest = (await ListAsync("/releases", cancellationToken)).Select(Version).DefaultIfEmpty().Max();

    private async Task<int> CurrentAsync(CancellationToken cancellationToken) =>
        (await ListAsync("/releases", cancellationToken)).FirstOrDefault(IsCurrent) is { } current
            ? Version(current)
            : throw new ZeroDowntimeException($"{app} has no release that runs. Deploy it first.");

    private async Task<(int Quantity, string Size)> WebAsync(CancellationToken cancellationToken) =>
        (await ListAsync("/formation", cancellationToken)).FirstOrDefault(static entry => Text(entry["type"]) == "web") is { } web
            ? (web["quantity"]!.GetValue<int>(), Text(web["size"]))
            : throw new ZeroDowntimeException($"{app} has no web process: only those get requests. Declare one in its Procfile.");

    private async Task<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        var releases = await ListAsync("/releases", cancellationToken);
        var made = releases.FindAll(release => _newest is not { } old || Version(release) > old);
        if (made is [.., var newest] && Text(newest["status"]) == "failed")
        {
            throw new ZeroDowntimeException($"v{Version(newest)} of {app} failed: {Text(newest["failure_message"])}");
        }

        if (made.Exists(static release => Text(release["status"]) == "pending"))
        {
            return false;
        }

        var current = Version(releases.Single(IsCurrent));
        var dynos = await ListAsync("/dynos", cancellationToken);
        return (await ListAsync("/formation", cancellationToken)).All(entry =>
            dynos.Count(dyno => Text(dyno["type"]) == Text(entry["type"]) && Text(dyno["state"]) == "up" && Version(dyno["release"]!) == current) == entry["quantity"]!.GetValue<int>()
            && dynos.Count(dyno => Text(dyno["type"]) == Text(entry["type"])) == entry["quantity"]!.GetValue<int>());
    }

    private async Task UntilAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (!await holds())
        {
            if (_time.GetElapsedTime(started) > s_patience)
            {
                throw new ZeroDowntimeException($"It did not come about within {s_patience.TotalMinutes:0} minutes that {what}, of {app}. Look at its dynos and its log.");
            }

            await Task.Delay(s_look, _time, cancellationToken);
        }
    }

    private async Task<List<JsonNode>> ListAsync(string path, CancellationToken cancellationToken) =>
        [.. ((JsonArray)(await SendAsync(HttpMethod.Get, path, null, cancellationToken))!).Select(static item => item!)];

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _path + path) { Content = body is null ? null : new StringContent(body.ToJsonString(), null, "application/json") };
        if (path == "/releases" && method == HttpMethod.Get)
        {
            // The last ones are enough, and all of them may be more than one answer holds.
            request.Headers.TryAddWithoutValidation("Range", "version ..; order=desc, max=200");
        }

        using var response = await api.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new ZeroDowntimeException($"{method} {_path}{path} was answered with {(int)response.StatusCode}: {text}");
        }

        try
        {
            var answer = text.Length == 0 ? null : JsonNode.Parse(text);
            return answer is JsonArray list && path == "/releases" ? new JsonArray([.. list.OrderBy(static release => Version(release!)).Select(static release => release!.DeepClone())]) : answer;
        }
        catch (JsonException e)
        {
            throw new ZeroDowntimeException($"{method} {_path}{path} was not answered in JSON. Is {api.BaseAddress} the address of the API?", e);
        }
    }
}
