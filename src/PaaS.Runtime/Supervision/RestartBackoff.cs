namespace PaaS.Runtime;

/// <summary>
/// How long a crashed dyno waits before it is started again: the first crash not at all, the second
/// <see cref="First"/>, then twice as long each time, up to <see cref="Longest"/>. A dyno that was up for
/// <see cref="ResetAfter"/>, a new release, and a restart by hand begin the count anew.
/// </summary>
public sealed record RestartBackoff
{
    /// <summary>Two such times are well below the 49 days that a timer can wait.</summary>
    internal static readonly TimeSpan MostDays = TimeSpan.FromDays(20);

    /// <summary>The default: at once, 10 s, 20 s, 40 s and so on, at most 10 minutes.</summary>
    public static RestartBackoff Default { get; } = new();

    /// <summary>Heroku's: at once, 10 minutes, 20 minutes and so on, at most 24 hours.</summary>
    public static RestartBackoff Heroku { get; } = new() { First = TimeSpan.FromMinutes(10), Longest = TimeSpan.FromHours(24) };

    /// <summary>The wait after the second crash in a row. Default 10 s; more than zero.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait. Default 10 minutes; not less than <see cref="First"/>, at most 20 days.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a dyno must have been up for its next crash to count as the first. Default 10 minutes; more than zero.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The wait before the next start.</summary>
    /// <param name="crashes">How many crashes in a row there have been, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="crashes"/> is less than 1.</exception>
    public TimeSpan DelayAfter(int crashes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(crashes, 1);
        if (crashes == 1)
        {
            return TimeSpan.Zero;
        }

        // Ticks times a power of two: exact in a double below the longest wait, and beyond it never an overflow.
        var ticks = First.Ticks * Math.Pow(2, crashes - 2);
        return ticks >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)ticks);
    }

    internal void Validate()
    {
        if (First <= TimeSpan.Zero || ResetAfter <= TimeSpan.Zero || Longest < First || Longest > MostDays)
        {
            throw new ArgumentException($"A restart back-off needs 0 < {nameof(First)} <= {nameof(Longest)} <= 20 days and 0 < {nameof(ResetAfter)}; got {First}, {Longest} and {ResetAfter}.");
        }
    }
}
