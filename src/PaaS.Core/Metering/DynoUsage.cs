using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// How long an app's dynos have run, as a fold of their starts and ends: exact to the clock's tick, by month (UTC), process
/// type and size. A dyno counts from its start to its end, ready or not, as on Heroku. Telling the start of a dyno
/// that runs once more, or an end, changes nothing. An ended dyno is forgotten but for its time: whoever tells must not start the same id again.
/// </summary>
public sealed record DynoUsage
{
    /// <summary>How many months are kept beside the present one.</summary>
    public const int MonthsKept = 12;

    /// <summary>Nothing has run yet.</summary>
    public static DynoUsage Empty { get; } = new();

    /// <summary>The dynos that run.</summary>
    public ImmutableDictionary<Guid, RunningDyno> Running { get; init; } = ImmutableDictionary<Guid, RunningDyno>.Empty;

    /// <summary>The time of the dynos that have ended.</summary>
    public ImmutableSortedDictionary<DynoUsageKey, TimeSpan> Ended { get; init; } = ImmutableSortedDictionary<DynoUsageKey, TimeSpan>.Empty;

    /// <summary>A dyno has started.</summary>
    /// <param name="dyno">This start's id.</param>
    /// <param name="running">What it is.</param>
    public DynoUsage Start(Guid dyno, RunningDyno running) => Running.ContainsKey(dyno) ? this : this with { Running = Running.Add(dyno, running) };

    /// <summary>A dyno has ended. One that is not known to run, or has ended before, is no error.</summary>
    /// <param name="dyno">The start's id.</param>
    /// <param name="at">When.</param>
    public DynoUsage End(Guid dyno, DateTimeOffset at) => Running.TryGetValue(dyno, out var running)
        ? this with { Running = Running.Remove(dyno), Ended = Count(Ended, running, at) }
        : this;

    /// <summary>All dynos that run have ended: the host was killed, and this is the last moment that it was seen alive.</summary>
    /// <param name="at">When.</param>
    public DynoUsage EndAll(DateTimeOffset at) => Running.Keys.Aggregate(this, (usage, dyno) => usage.End(dyno, at));

    /// <summary>What has been used in a month, dynos that still run included.</summary>
    /// <param name="month">The first day of the month.</param>
    /// <param name="now">Until when the running ones count.</param>
    public ImmutableArray<DynoUsageEntry> In(DateOnly month, DateTimeOffset now) =>
        [.. Running.Values.Aggregate(Ended, (used, running) => Count(used, running, now)).Where(pair => pair.Key.Month == month).Select(pair => new DynoUsageEntry(pair.Key, pair.Value))];

    /// <summary>Without the months that nobody asks for any more.</summary>
    /// <param name="now">The present.</param>
    public DynoUsage Trim(DateTimeOffset now)
    {
        var first = MonthOf(now).AddMonths(-MonthsKept);
        return this with { Ended = Ended.RemoveRange(Ended.Keys.Where(key => key.Month < first)) };
    }

    /// <summary>The month of a moment: its first day, in UTC.</summary>
    /// <param name="time">The moment.</param>
    public static DateOnly MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1);

    private static ImmutableSortedDictionary<DynoUsageKey, TimeSpan> Count(ImmutableSortedDictionary<DynoUsageKey, TimeSpan> used, RunningDyno running, DateTimeOffset until)
    {
        for (var from = running.Since; from < until;)
        {
            var month = MonthOf(from);
            var next = new DateTimeOffset(month.AddMonths(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            var to = until < next ? until : next;
            var key = new DynoUsageKey(month, running.Type, running.Size);
            used = used.SetItem(key, used.GetValueOrDefault(key) + (to - from));
            from = to;
        }

        return used;
    }
}

/// <summary>A dyno that counts.</summary>
/// <param name="Type">Its process type, or kind of one-off.</param>
/// <param name="Size">Its size.</param>
/// <param name="Since">When it was started.</param>
public sealed record RunningDyno(ProcessType Type, DynoSize Size, DateTimeOffset Since);

/// <summary>What usage is told apart by.</summary>
/// <param name="Month">The first day of the month, UTC.</param>
/// <param name="Type">The process type, or kind of one-off.</param>
/// <param name="Size">The size.</param>
[SuppressMessage("Design", "CA1036", Justification = "Keys have an order for lists; to call one smaller than another says nothing.")]
public readonly record struct DynoUsageKey(DateOnly Month, ProcessType Type, DynoSize Size) : IComparable<DynoUsageKey>
{
    /// <summary>Compares by month, type and size.</summary>
    /// <param name="other">The other key.</param>
    public int CompareTo(DynoUsageKey other) =>
        Month.CompareTo(other.Month) is var byMonth and not 0 ? byMonth
        : Type.CompareTo(other.Type) is var byType and not 0 ? byType
        : string.CompareOrdinal(Size.ToString(), other.Size.ToString());
}

/// <summary>How long dynos of one type and size have run in one month.</summary>
/// <param name="Key">The month, type and size.</param>
/// <param name="Time">How long, all dynos together.</param>
public sealed record DynoUsageEntry(DynoUsageKey Key, TimeSpan Time);
