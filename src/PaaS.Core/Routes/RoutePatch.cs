namespace PaaS.Core;

/// <summary>A new value of a setting that can also be left to the router.</summary>
/// <typeparam name="T">What the value is.</typeparam>
/// <param name="Value">The value; <see langword="null"/> leaves it to the router's options.</param>
public readonly record struct NewSetting<T>(T? Value)
    where T : struct;

/// <summary>A change of an app's <see cref="RouteSettings"/>: what is <see langword="null"/> stays as it is.</summary>
public sealed record RoutePatch
{
    /// <summary>How long one attempt to connect to a dyno may take: 0.1 s to 75 s.</summary>
    public NewSetting<TimeSpan>? ConnectTimeout { get; init; }

    /// <summary>How long a dyno may take to begin its response: 1 s to an hour.</summary>
    public NewSetting<TimeSpan>? FirstByteTimeout { get; init; }

    /// <summary>How long a body, a response or a WebSocket may be silent: 1 s to a day.</summary>
    public NewSetting<TimeSpan>? IdleTimeout { get; init; }

    /// <summary>How long a request waits for a dyno that starts: zero to 10 minutes.</summary>
    public NewSetting<TimeSpan>? BootWait { get; init; }

    /// <summary>How many requests the app may have in flight per dyno: 1 to 10,000.</summary>
    public NewSetting<int>? MaxInFlightPerDyno { get; init; }

    /// <summary>Whether connections to its dynos are kept for the next request.</summary>
    public NewSetting<bool>? KeepsConnections { get; init; }

    /// <summary>Whether <c>Expect: 100-continue</c> goes to the dyno.</summary>
    public bool? EndToEndContinue { get; init; }

    /// <summary>How long a request of an app that is scaled to zero is held: 1 s to 10 minutes; a value of <see langword="null"/> for not at all.</summary>
    public NewSetting<TimeSpan>? Hold { get; init; }
}
