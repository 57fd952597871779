using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// When something runs by the clock, in UTC, to the minute: a cron expression of five fields, <c>minute hour day-of-month month
/// day-of-week</c>.
/// <code>
///   *            every value                     1,15       a list
///   5            one value                       9-17       a range
///   */10         every tenth value from the first            9-17/2     every second value of a range
///   jan, mon     names of months and days of the week; 0 and 7 are both Sunday
/// </code>
/// Where day of the month and day of the week are both restricted (neither begins with <c>*</c>), a day on which one of them fits
/// is enough, as in every cron. Also read: <c>@hourly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>, <c>@monthly</c>,
/// <c>@yearly</c>, <c>@annually</c>, and <c>every N minutes</c> where N divides 60. Equal if the texts are.
/// </summary>
public sealed class CronSchedule : IParsable<CronSchedule>, IEquatable<CronSchedule>
{
    /// <summary>The longest text: 200 characters.</summary>
    public const int MaxLength = 200;

    private readonly string _text;
    private readonly CronFields _fields;

    internal CronSchedule(string text, CronFields fields) => (_text, _fields) = (text, fields);

    /// <summary>Reads a schedule.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">Not a schedule; the message says where, why and how to mend it.</exception>
    public static CronSchedule Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, out var schedule, out string? problem) ? schedule : throw new FormatException(problem);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out CronSchedule result) =>
        TryParse(s, out result, out string? _);

    /// <summary>Reads a schedule.</summary>
    /// <param name="s">The text.</param>
    /// <param name="schedule">The schedule, or null.</param>
    /// <param name="problem">Where the first mistake is, what it is and how to mend it, or null.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out CronSchedule? schedule, [NotNullWhen(false)] out string? problem) =>
        CronReader.TryRead(s, out schedule, out problem);

    /// <summary>The first time it comes due after a moment.</summary>
    /// <param name="after">The moment; a due time that equals it does not count.</param>
    /// <returns>A full minute in UTC, or <see langword="null"/> if the calendar ends before.</returns>
    public DateTimeOffset? Next(DateTimeOffset after) => _fields.Next(after);

    /// <inheritdoc/>
    public bool Equals(CronSchedule? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CronSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>The text, as it was read but for blanks around it.</summary>
    public override string ToString() => _text;
}
