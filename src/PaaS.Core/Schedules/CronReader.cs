using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PaaS.Core;

/// <summary>Reads schedules; every refusal names the position, from 1, and how to mend it.</summary>
internal static class CronReader
{
    private const string Example = "Write five fields, 'minute hour day-of-month month day-of-week', such as '30 4 * * mon-fri', or @hourly, @daily, @weekly, @monthly, or 'every 10 minutes'.";

    private static readonly Field[] s_fields =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of the month", 1, 31, []),
        new("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        new("day of the week", 0, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    public static bool TryRead(string? s, [NotNullWhen(true)] out CronSchedule? schedule, [NotNullWhen(false)] out string? problem)
    {
        schedule = null;
        if (string.IsNullOrWhiteSpace(s) || s.Length > CronSchedule.MaxLength)
        {
            problem = string.IsNullOrWhiteSpace(s) ? $"A schedule is missing. {Example}" : $"A schedule has at most {CronSchedule.MaxLength} characters; this one has {s.Length}. {Example}";
            return false;
        }

        var text = s.Trim(' ', '\t');
        var expression = Shorthand(text, out problem);
        if (problem is not null || !TryReadFields(expression, out var fields, out problem))
        {
            return false;
        }

        schedule = new CronSchedule(text, fields);
        return true;
    }

    private static string Shorthand(string text, out string? problem)
    {
        problem = null;
        if (text.StartsWith('@'))
        {
            var known = text.ToLowerInvariant() switch
            {
                "@hourly" => "0 * * * *",
                "@daily" or "@midnight" => "0 0 * * *",
                "@weekly" => "0 0 * * 0",
                "@monthly" => "0 0 1 * *",
                "@yearly" or "@annually" => "0 0 1 1 *",
                _ => null,
            };
            problem = known is null ? $"Column 1: there is no schedule '{Printable.Of(text, 40)}'. Use @hourly, @daily, @weekly, @monthly or @yearly." : null;
            return known ?? text;
        }

        var words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (!words[0].Equals("every", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }

        if (words.Length == 3 && words[2].ToLowerInvariant() is "minute" or "minutes"
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 60 && 60 % minutes == 0)
        {
            return minutes == 60 ? "0 * * * *" : string.Create(CultureInfo.InvariantCulture, $"*/{minutes} * * * *");
        }

        problem = $"Column 1: '{Printable.Of(text, 40)}' is not understood. Write 'every N minutes' where N is 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60, or a cron expression.";
        return text;
    }

    private static bool TryReadFields(string text, out CronFields fields, [NotNullWhen(false)] out string? problem)
    {
        fields = default;
        Span<ulong> sets = stackalloc ulong[5];
        Span<bool> any = stackalloc bool[5];
        var (count, at) = (0, 0);
        while (at < text.Length)
        {
            var end = at;
            while (end < text.Length && text[end] is not (' ' or '\t'))
            {
                end++;
            }

            if (end > at)
            {
                if (count == 5)
                {
                    problem = $"Column {at + 1}: a sixth field '{Printable.Of(text.AsSpan(at..end), 40)}'. {Example}";
                    return false;
                }

                if (!TryReadField(text, at, end, s_fields[count], out sets[count], out problem))
                {
                    return false;
                }

                any[count++] = text[at] == '*';
            }

            at = end + 1;
        }

        if (count < 5)
        {
            problem = $"Column {text.Length + 1}: the {s_fields[count].Name} is missing; only {count} of five fields are there. {Example}";
            return false;
        }

        // Both 0 and 7 are Sunday.
        var weekdays = (sets[4] | sets[4] >> 7) & 0x7f;
        fields = new CronFields(sets[0], sets[1], sets[2], sets[3], weekdays, any[2], any[4]);
        problem = fields.EverComes ? null : "There is no such day in any year. Name a day that one of the months has.";
        return problem is null;
    }

    private static bool TryReadField(string text, int at, int end, Field field, out ulong set, [NotNullWhen(false)] out string? problem)
    {
        (set, problem) = (0, null);
        while (true)
        {
            var comma = text.IndexOf(',', at, end - at);
            var stop = comma < 0 ? end : comma;
            if (!TryReadItem(text.AsSpan(at..stop), at, field, ref set, out problem))
            {
                return false;
            }

            if (comma < 0)
            {
                return true;
            }

            at = comma + 1;
        }
    }

    private static bool TryReadItem(ReadOnlySpan<char> item, int at, Field field, ref ulong set, [NotNullWhen(false)] out string? problem)
    {
        var slash = item.IndexOf('/');
        var range = slash < 0 ? item : item[..slash];
        var dash = range.IndexOf('-');
        var (low, high, step) = (field.Low, field.High, 1);
        problem = null;
        if (range is not "*")
        {
            if (!field.TryRead(dash < 0 ? range : range[..dash], out low))
            {
                problem = Wrong(dash < 0 ? range : range[..dash], at, field);
                return false;
            }

            high = low;
            if (dash >= 0 && !field.TryRead(range[(dash + 1)..], out high))
            {
                problem = Wrong(range[(dash + 1)..], at + dash + 1, field);
                return false;
            }

            // As a range's end sunday is the last day of the week, not the first.
            high = field.High == 7 && dash >= 0 && high == 0 && low > 0 ? 7 : high;
        }
        else if (field.High == 7)
        {
            high = 6;
        }

        if (high < low)
        {
            problem = $"Column {at + 1}: the range {Printable.Of(range, 20)} of the {field.Name} runs backwards. Write it as two: {low}-{(field.High == 7 ? 6 : field.High)},{field.Low}-{high}.";
        }
        else if (slash >= 0 && range is not "*" && dash < 0)
        {
            problem = $"Column {at + 1}: a step needs a range in the {field.Name}. Write {low}-{(field.High == 7 ? 6 : field.High)}{Printable.Of(item[slash..], 20)}.";
        }
        else if (slash >= 0 && (!int.TryParse(item[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1 || step > field.High))
        {
            problem = $"Column {at + slash + 2}: '{Printable.Of(item[(slash + 1)..], 20)}' is no step for the {field.Name}. Write a whole number from 1 to {field.High}.";
        }

        for (var value = low; problem is null && value <= high; value += step)
        {
            set |= 1UL << value;
        }

        return problem is null;
    }

    private static string Wrong(ReadOnlySpan<char> value, int at, Field field)
    {
        var names = field.Names.Length == 0 ? string.Empty : $", or a name from {field.Names[0]} to {field.Names[^1]}";
        return value.IsEmpty
            ? $"Column {at + 1}: a value of the {field.Name} is missing. Write {field.Low} to {field.High}{names}."
            : $"Column {at + 1}: '{Printable.Of(value, 20)}' is no {field.Name}. Write {field.Low} to {field.High}{names}.";
    }

    private sealed record Field(string Name, int Low, int High, string[] Names)
    {
        public bool TryRead(ReadOnlySpan<char> text, out int value)
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                return value >= Low && value <= High;
            }

            for (var i = 0; i < Names.Length; i++)
            {
                if (text.Equals(Names[i], StringComparison.OrdinalIgnoreCase))
                {
                    // Months count from 1, days of the week from 0.
                    value = i + Low;
                    return true;
                }
            }

            return false;
        }
    }
}
