namespace PaaS.Runtime;

/// <summary>Where a dyno is in its life, in Heroku's words.</summary>
public enum DynoState
{
    /// <summary>It is being started, or waits for the one before it to end.</summary>
    Starting,

    /// <summary>Its process runs; a web dyno listens on its port and takes requests.</summary>
    Up,

    /// <summary>Its command has ended, whatever its status, or never got ready. It is started again by the restart back-off.</summary>
    Crashed,

    /// <summary>It sleeps until the next request.</summary>
    Idle,

    /// <summary>It was stopped.</summary>
    Down,

    /// <summary>A one-off dyno whose command has ended, whatever its status. It is never started again.</summary>
    Complete,
}
