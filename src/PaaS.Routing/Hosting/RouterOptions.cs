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

    /// <summary>How long an unused connection to a dyno is kept; 0: a new connection for each request.</summary>
    /// <value>Default 2 s: well below the 5 s after which Node.js and gunicorn close theirs. 0 to 10 minutes.</value>
    public TimeSpan PoolIdleTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many requests an app may have in flight per dyno before more are turned away (H11).</summary>
    /// <value>Default 200 (Heroku's). 1 to 1,000,000.</value>
    public int MaxInFlightPerDyno { get; set; } = 200;

    /// <summary>The port that apps are told in X-Forwarded-Port.</summary>
    /// <value>Default null: the port that the connection came in on. 1 to 65535.</value>
    public int? PublicPort { get; set; }
}
