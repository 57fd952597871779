namespace PaaS.Core;

/// <summary>How much of the month's free hours is used: what sleeping dynos (<see cref="DynoSize.Sleeps"/>) of all apps may run together.</summary>
public enum FreeHoursLevel
{
    /// <summary>Less than 80 %.</summary>
    Plenty,

    /// <summary>80 % or more.</summary>
    Low,

    /// <summary>All of it: such dynos sleep until next month.</summary>
    UsedUp,
}

/// <summary>The month's free hours.</summary>
/// <param name="Quota">What a month has.</param>
/// <param name="Used">What is used of it.</param>
public readonly record struct FreeHours(TimeSpan Quota, TimeSpan Used)
{
    /// <summary>What is left; never negative.</summary>
    public TimeSpan Left => Used < Quota ? Quota - Used : TimeSpan.Zero;

    /// <summary>The level.</summary>
    public FreeHoursLevel Level => Used >= Quota ? FreeHoursLevel.UsedUp : Used >= Quota * 0.8 ? FreeHoursLevel.Low : FreeHoursLevel.Plenty;

    /// <summary>When the next level is reached if so many dynos go on running; <see langword="null"/> if none do, or there is no further one.</summary>
    /// <param name="running">How many dynos of the kind run.</param>
    public TimeSpan? UntilNextLevel(int running) => (Level, running) switch
    {
        (FreeHoursLevel.UsedUp, _) or (_, 0) => null,
        (FreeHoursLevel.Low, _) => Left / running,
        _ => ((Quota * 0.8) - Used) / running,
    };
}
