namespace PaaS.Runtime;

/// <summary>The limits of one-off dynos; the defaults are Heroku's. A time is more than zero and at most 30 days.</summary>
public sealed record OneOffOptions
{
    /// <summary>How long an attached dyno waits for its client before it is given up (R13). Default 30 s.</summary>
    public TimeSpan AttachTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long without a byte in either direction an attached dyno's connection is closed. Default 1 h.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often SIGHUP is sent to a dyno whose client has gone, before <c>R16</c> is written, at most once an hour. Default 5 s.</summary>
    public TimeSpan HangUpInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest life of a one-off dyno that asks for no shorter one. Default 24 h.</summary>
    public TimeSpan LongestLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The most that may run of one app at once, release and scheduler dynos not counted. Default 50; 0 to 1,000.</summary>
    public int MaxRunning { get; init; } = 50;

    internal void Validate()
    {
        Check(AttachTimeout, nameof(AttachTimeout));
        Check(IdleTimeout, nameof(IdleTimeout));
        Check(HangUpInterval, nameof(HangUpInterval));
        Check(LongestLife, nameof(LongestLife));
        if (MaxRunning is < 0 or > 1000)
        {
            throw new ArgumentException($"{nameof(MaxRunning)} is 0 to 1,000; got {MaxRunning}.");
        }
    }

    private static void Check(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(30))
        {
            throw new ArgumentException($"{name} is more than zero and at most 30 days; got {value}.");
        }
    }
}
