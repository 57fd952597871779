namespace PaaS.Routing;

/// <summary>What became of one attempt at a dyno.</summary>
public enum AttemptOutcome
{
    /// <summary>A connection that was kept was used.</summary>
    Reused,

    /// <summary>A connection was made.</summary>
    Connected,

    /// <summary>The dyno refused; it was quarantined.</summary>
    Refused,

    /// <summary>The dyno did not answer in time; it was quarantined.</summary>
    TimedOut,

    /// <summary>A connection that was kept closed before a byte of the response, and the request may be sent again.</summary>
    Stale,

    /// <summary>The router's machine had no socket, port or memory for a connection (H99); the dyno is not to blame.</summary>
    Lacked,
}
