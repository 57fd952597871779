using System.Text.Json;
using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>Times are in seconds.</summary>
internal sealed record RouterSettingsValues
{
    public decimal? ConnectTimeout { get; init; }

    public decimal? FirstByteTimeout { get; init; }

    public decimal? IdleTimeout { get; init; }

    public decimal? BootWait { get; init; }

    public int? MaxInFlightPerDyno { get; init; }

    public bool? KeepConnections { get; init; }

    public bool EndToEndContinue { get; init; }

    public decimal? Hold { get; init; }
}

/// <summary>What is set for the app, and what counts where nothing is.</summary>
internal sealed record RouterSettingsBody(AppReference App, RouterSettingsValues Settings, RouterSettingsValues Defaults);

/// <summary><c>/apps/{app}/router-settings</c>, of this platform's own: what the router does differently for one app.</summary>
internal sealed class RouterSettingsResource(Platform platform, RouterOptions limits)
{
    private const string Names = "connect_timeout, first_byte_timeout, idle_timeout, boot_wait, max_in_flight_per_dyno, keep_connections, end_to_end_continue and hold";

    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/router-settings", request => AnswerAsync(request, platform.FindApp(request.Actor, request.Route("app"))));
        routes.Patch("/apps/{app}/router-settings", ChangeAsync);
    }

    private async Task ChangeAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.DictionaryStringJsonElement) is not { } body)
        {
            return;
        }

        if (!TryRead(body, out var patch, out var problem))
        {
            await ApiError.Invalid(problem).WriteAsync(request.Context);
            return;
        }

        await AnswerAsync(request, await platform.ChangeRoutingAsync(request.Actor, request.Route("app"), patch));
    }

    private static bool TryRead(Dictionary<string, JsonElement> body, out RoutePatch patch, out string problem)
    {
        patch = new RoutePatch();
        problem = $"Send at least one of {Names}.";
        foreach (var (name, value) in body)
        {
            var (changed, expected) = name switch
            {
                "connect_timeout" => (Seconds(value) is { } x ? patch with { ConnectTimeout = x } : null, InSeconds),
                "first_byte_timeout" => (Seconds(value) is { } x ? patch with { FirstByteTimeout = x } : null, InSeconds),
                "idle_timeout" => (Seconds(value) is { } x ? patch with { IdleTimeout = x } : null, InSeconds),
                "boot_wait" => (Seconds(value) is { } x ? patch with { BootWait = x } : null, InSeconds),
                "hold" => (Seconds(value) is { } x ? patch with { Hold = x } : null, InSeconds),
                "max_in_flight_per_dyno" => (Number(value) is { } x ? patch with { MaxInFlightPerDyno = x } : null, "a whole number; null for the router's own"),
                "keep_connections" => (Flag(value) is { } x ? patch with { KeepsConnections = x } : null, "true or false; null for the router's own"),
                "end_to_end_continue" => (Flag(value) is { } x ? patch with { EndToEndContinue = x.Value ?? false } : null, "true or false"),
                _ => (null, string.Empty),
            };
            if (changed is null)
            {
                problem = expected.Length > 0 ? $"{name} has to be {expected}." : $"There is no setting '{(name.Length > 40 ? name[..40] + "..." : name)}'. The settings are {Names}.";
                return false;
            }

            patch = changed;
        }

        return body.Count > 0;
    }

    private const string InSeconds = "a number of seconds with at most three decimals, such as 30 or 0.5; null for the router's own";

    private static NewSetting<TimeSpan>? Seconds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new NewSetting<TimeSpan>(null),
        JsonValueKind.Number when value.TryGetDecimal(out var seconds) && seconds is > -1_000_000 and < 1_000_000 && decimal.IsInteger(seconds * 1000) =>
            new NewSetting<TimeSpan>(TimeSpan.FromMilliseconds((long)(seconds * 1000))),
        _ => null,
    };

    private static NewSetting<int>? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new NewSetting<int>(null),
        JsonValueKind.Number when value.TryGetInt32(out var number) => new NewSetting<int>(number),
        _ => null,
    };

    private static NewSetting<bool>? Flag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new NewSetting<bool>(null),
        JsonValueKind.True or JsonValueKind.False => new NewSetting<bool>(value.GetBoolean()),
        _ => null,
    };

    private Task AnswerAsync(ApiRequest request, Outcome<App> outcome) =>
        outcome.TryGet(out var app, out var refusal)
            ? request.WriteAsync(new RouterSettingsBody(AppReference.Of(app), Of(app.Routing), Defaults), ApiJson.Readable.RouterSettingsBody)
            : request.WriteAsync(refusal);

    private static RouterSettingsValues Of(RouteSettings settings) => new()
    {
        ConnectTimeout = SecondsOf(settings.ConnectTimeout),
        FirstByteTimeout = SecondsOf(settings.FirstByteTimeout),
        IdleTimeout = SecondsOf(settings.IdleTimeout),
        BootWait = SecondsOf(settings.BootWait),
        MaxInFlightPerDyno = settings.MaxInFlightPerDyno,
        KeepConnections = settings.KeepsConnections,
        EndToEndContinue = settings.EndToEndContinue,
        Hold = SecondsOf(settings.Hold),
    };

    private RouterSettingsValues Defaults => new()
    {
        ConnectTimeout = SecondsOf(limits.ConnectTimeout),
        FirstByteTimeout = SecondsOf(limits.FirstByteTimeout),
        IdleTimeout = SecondsOf(limits.IdleTimeout),
        BootWait = SecondsOf(limits.BootWait),
        MaxInFlightPerDyno = limits.MaxInFlightPerDyno,
        KeepConnections = limits.KeepsConnections,
    };

    private static decimal? SecondsOf(TimeSpan? time) => time is { } value ? (decimal)value.Ticks / TimeSpan.TicksPerSecond : null;
}
