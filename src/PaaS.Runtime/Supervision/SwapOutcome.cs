using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>How a swap ended.</summary>
public enum SwapStatus
{
    /// <summary>The new dynos have taken over.</summary>
    Succeeded,

    /// <summary>A new dyno did not get ready. Nothing changed: the old dynos go on.</summary>
    Failed,

    /// <summary>The supervisor was stopped before there was a verdict; the release is not to blame.</summary>
    Interrupted,
}

/// <summary>The verdict of a swap.</summary>
public sealed record SwapOutcome
{
    private SwapOutcome(SwapStatus status, string? reason, DynoName? dyno, ImmutableArray<string> lastLines)
    {
        Status = status;
        Reason = reason;
        Dyno = dyno;
        LastLines = lastLines;
    }

    /// <summary>Success.</summary>
    public static SwapOutcome Succeeded { get; } = new(SwapStatus.Succeeded, null, null, []);

    /// <summary>The supervisor was stopped first.</summary>
    public static SwapOutcome Interrupted { get; } = new(SwapStatus.Interrupted, "The host stopped before the new dynos were ready.", null, []);

    /// <summary>How it ended.</summary>
    public SwapStatus Status { get; }

    /// <summary>Whether the new dynos have taken over.</summary>
    public bool IsSuccess => Status == SwapStatus.Succeeded;

    /// <summary>Why it did not succeed, for people; <see langword="null"/> if it did.</summary>
    public string? Reason { get; }

    /// <summary>The dyno that failed.</summary>
    public DynoName? Dyno { get; }

    /// <summary>The last lines of the failing dyno's log since its start, oldest first; see <see cref="SupervisorOptions.FailingLines"/>.</summary>
    public ImmutableArray<string> LastLines { get; }

    /// <summary>A failure.</summary>
    /// <param name="reason">Why, for people.</param>
    /// <param name="dyno">The dyno that failed.</param>
    /// <param name="lastLines">Its last lines.</param>
    public static SwapOutcome Failed(string reason, DynoName dyno, ImmutableArray<string> lastLines)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(SwapStatus.Failed, reason, dyno, lastLines.IsDefault ? [] : lastLines);
    }
}
