namespace PaaS.Core;

/// <summary>A page that a router answers with: fetched ahead of time, sent with its own content type.</summary>
/// <param name="ContentType">Its type, such as <c>text/html; charset=utf-8</c>: 1 to 200 printable ASCII characters, for it becomes a header line.</param>
/// <param name="Body">The page, at most 1 MiB.</param>
/// <exception cref="ArgumentException">Type or page is not one that can be sent.</exception>
public sealed record RoutePage(string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The largest page in bytes: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxContentTypeLength = 200;

    /// <summary>Its type.</summary>
    public string ContentType { get; init => field = Sendable(value); } = Sendable(ContentType);

    /// <summary>The page.</summary>
    public ReadOnlyMemory<byte> Body { get; init => field = Sendable(value); } = Sendable(Body);

    private static string Sendable(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return type.Length <= MaxContentTypeLength && !type.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? type
            : throw new ArgumentException($"A page's content type is a header's value of at most {MaxContentTypeLength} printable ASCII characters; this one is not.", nameof(type));
    }

    private static ReadOnlyMemory<byte> Sendable(ReadOnlyMemory<byte> body) =>
        body.Length <= MaxBytes ? body : throw new ArgumentException($"A page has at most {MaxBytes} bytes, not {body.Length}.", nameof(body));
}

/// <summary>What a router does differently for one app. <see langword="null"/>: as the router's options say.</summary>
public sealed record RouteSettings
{
    /// <summary>Nothing is different.</summary>
    public static RouteSettings Default { get; } = new();

    /// <summary>How long one attempt to connect to a dyno may take (H19).</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>How long a dyno may take to begin its response (H12).</summary>
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <summary>How long a body, a response or a WebSocket may be silent (H15, H28).</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a request waits for a dyno that starts (H20) or leaves quarantine (H34).</summary>
    public TimeSpan? BootWait { get; init; }

    /// <summary>How many requests the app may have in flight per dyno (H11).</summary>
    public int? MaxInFlightPerDyno { get; init; }

    /// <summary>Whether connections to its dynos are kept for the next request.</summary>
    public bool? KeepsConnections { get; init; }

    /// <summary>Whether <c>Expect: 100-continue</c> goes to the dyno, and its 100 back, instead of being answered by the router (Heroku: http-end-to-end-continue).</summary>
    public bool EndToEndContinue { get; init; }

    /// <summary>How long a request of an app that is scaled to zero is held until a dyno is up; <see langword="null"/>: not at all (H14). <see cref="AppRoute.Wake"/> is called.</summary>
    public TimeSpan? Hold { get; init; }

    /// <summary>In place of the router's page for errors.</summary>
    public RoutePage? ErrorPage { get; init; }

    /// <summary>In place of the router's page for maintenance.</summary>
    public RoutePage? MaintenancePage { get; init; }
}
