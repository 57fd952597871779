namespace PaaS.Routing;

/// <summary>The limits of a router. The defaults are Heroku's.</summary>
public sealed class RouterOptions
{
    /// <summary>How long one attempt to connect to a dyno may take (H19).</summary>
    /// <value>Default 5 s (Heroku's). 1 ms to 10 minutes.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many dynos a request is tried on, as long as none could be connected to.</summary>
    /// <value>Default 10 (Heroku's). 1 to 100.</value>
    public int ConnectAttempts { get; set; } = 10;

    /// <summary>How long a dyno that could not be connected to is left alone by this router.</summary>
    /// <value>Default 5 s (Heroku's). 0 to 10 minutes.</value>
    public TimeSpan Quarantine { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a dyno may take to begin its response, from when it has the whole request (H12).</summary>
    /// <value>Default 30 s (Heroku's). 1 ms to 1 day.</value>
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request body, a response that has begun or a WebSocket may be silent (H15, H28). Each byte starts it anew.</summary>
    /// <value>Default 55 s (Heroku's). 1 ms to 1 day.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(55);

    /// <summary>How long a request waits for a dyno that starts (H20), or for one to leave quarantine (H34).</summary>
    /// <value>Default 75 s (Heroku's). 0 to 1 hour.</value>
    public TimeSpan BootWait { get; set; } = TimeSpan.FromSeconds(75);

    /// <summary>How long a client may take to send the head of a request, from its first byte (408), or to send anything at all on a new connection.</summary>
    /// <value>Default 30 s. 1 ms to 1 day.</value>
    public TimeSpan HeadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client's connection is kept between two requests.</summary>
    /// <value>Default 60 s (Heroku's). 0 to 1 day.</value>
    public TimeSpan ClientIdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether connections to dynos are kept for the next request (Heroku's Router 2.0) or each request has its own (Heroku's router before it). An app may have it differently.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool KeepsConnections { get; set; } = true;

    /// <summary>How long an unused connection to a dyno is kept.</summary>
    /// <value>Default 90 s (Heroku's). 0 to 10 minutes.</value>
    public TimeSpan PoolIdleTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>A request that may not be sent twice (any with a body, POST, an upgrade) takes a kept connection only if it has been unused for less than this: a dyno that closes it meanwhile would cost the request (H13).</summary>
    /// <value>Default 2 s: well below the 5 s after which Node.js and gunicorn close theirs. 0 to 10 minutes.</value>
    public TimeSpan PoolFreshTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many requests of one app may wait for a dyno to start or to leave quarantine before more are turned away (H11).</summary>
    /// <value>Default 1,000. 0 to 1,000,000.</value>
    public int MaxWaitingPerApp { get; set; } = 1000;

    /// <summary>How many connections of clients the router holds; more are answered with H22 and closed.</summary>
    /// <value>Default 100,000. 1 to 10,000,000.</value>
    public int MaxClientConnections { get; set; } = 100_000;

    /// <summary>Whether a client that ends its side of the connection behind a whole request still gets the response. If not, it counts as gone (H27), as on Heroku: that is how browsers leave.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowsHalfClose { get; set; }

    /// <summary>Whether X-Forwarded-Host and X-Forwarded-By of clients are dropped instead of being passed on as they are.</summary>
    /// <value>Default <see langword="false"/> (Heroku passes them).</value>
    public bool DropsForwardedHost { get; set; }

    /// <summary>How many requests an app may have in flight per dyno before more are turned away (H11).</summary>
    /// <value>Default 200 (Heroku's). 1 to 1,000,000.</value>
    public int MaxInFlightPerDyno { get; set; } = 200;

    /// <summary>The port that apps are told in X-Forwarded-Port.</summary>
    /// <value>Default null: the port that the connection came in on. 1 to 65535.</value>
    public int? PublicPort { get; set; }

    /// <summary>What Retry-After tells a client of an app that starts (H20) or is in maintenance (H80), rounded up to whole seconds.</summary>
    /// <value>Default null: the header is not sent. 0 to 1 day.</value>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>How many of its last requests the router can explain (<see cref="IRequestTrace"/>). Each takes 0.4 KiB, at most 2.5 KiB.</summary>
    /// <value>Default 10,000. 0 to 1,000,000; 0: none.</value>
    public int TraceCapacity { get; set; } = 10_000;

    /// <summary>How long the first line of a request may be, without its line end (414).</summary>
    /// <value>Default 8,192 bytes (Heroku's). 64 to 1,048,576.</value>
    public int MaxRequestLineBytes { get; set; } = 8192;

    /// <summary>How long a header line of a request may be, without its line end (431).</summary>
    /// <value>Default 8,192 bytes (Heroku's). 64 to 1,048,576.</value>
    public int MaxHeaderLineBytes { get; set; } = 8192;

    /// <summary>How many header lines a request may have (431).</summary>
    /// <value>Default 1,000 (Heroku's). 1 to 10,000.</value>
    public int MaxHeaderCount { get; set; } = 1000;

    /// <summary>How large the head of a request may be in all (431). What it holds in memory is bounded by this, for each connection.</summary>
    /// <value>Default 128 KiB. 1 KiB to 4 MiB.</value>
    public int MaxHeadBytes { get; set; } = 128 * 1024;

    /// <summary>How long a header line of a response may be, without its line end (H25).</summary>
    /// <value>Default 512 KiB (Heroku's). 64 to 4,194,304.</value>
    public int MaxResponseHeaderLineBytes { get; set; } = 512 * 1024;

    /// <summary>How long a Set-Cookie line of a response may be, without its line end (H25).</summary>
    /// <value>Default 8,192 bytes (Heroku's). 64 to 1,048,576.</value>
    public int MaxResponseCookieLineBytes { get; set; } = 8192;

    /// <summary>The limits of heads; what is no option has the value that Heroku's router or the standard gives it.</summary>
    internal HeadLimits HeadLimits => new()
    {
        RequestLine = MaxRequestLineBytes,
        HeaderLine = MaxHeaderLineBytes,
        HeaderCount = MaxHeaderCount,
        Head = MaxHeadBytes,
        ResponseHeaderLine = MaxResponseHeaderLineBytes,
        ResponseCookieLine = MaxResponseCookieLineBytes,
        ResponseHead = Math.Max(HeadLimits.Default.ResponseHead, (2 * MaxResponseHeaderLineBytes) + MaxHeadBytes),
    };
}
