namespace PaaS.Core;

/// <summary>The five fields of a cron expression as sets of bits: bit n is value n. Sunday is bit 0.</summary>
internal readonly record struct CronFields(ulong Minutes, ulong Hours, ulong Days, ulong Months, ulong Weekdays, bool AnyDay, bool AnyWeekday)
{
    private const int MinutesOfDay = 24 * 60;

    /// <summary>Whether there is any day that fits: 30 February is none.</summary>
    public bool EverComes
    {
        get
        {
            if (!AnyDay && !AnyWeekday)
            {
                return true;
            }

            // 2000 was a leap year, and in 400 years every date falls on every day of the week.
            for (var month = 1; month <= 12; month++)
            {
                for (var day = 1; Has(Months, month) && day <= DateTime.DaysInMonth(2000, month); day++)
                {
                    if (Has(Days, day))
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }

    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = after.UtcDateTime;
        var date = DateOnly.FromDateTime(from);
        var minute = (from.Hour * 60) + from.Minute + 1;
        while (true)
        {
            if (Fits(date) && MinuteFrom(minute) is { } found)
            {
                return new DateTimeOffset(date.ToDateTime(new TimeOnly(found / 60, found % 60)), TimeSpan.Zero);
            }

            minute = 0;
            if (!Has(Months, date.Month))
            {
                // A month that does not fit is passed over as a whole.
                date = new DateOnly(date.Year, date.Month, DateTime.DaysInMonth(date.Year, date.Month));
            }

            if (date == DateOnly.MaxValue)
            {
                return null;
            }

            date = date.AddDays(1);
        }
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private bool Fits(DateOnly date)
    {
        if (!Has(Months, date.Month))
        {
            return false;
        }

        var (day, weekday) = (Has(Days, date.Day), Has(Weekdays, (int)date.DayOfWeek));
        return AnyDay || AnyWeekday ? day && weekday : day || weekday;
    }

    private int? MinuteFrom(int first)
    {
        for (var minute = first; minute < MinutesOfDay; minute++)
        {
            if (!Has(Hours, minute / 60))
            {
                minute += 59 - (minute % 60);
            }
            else if (Has(Minutes, minute % 60))
            {
                return minute;
            }
        }

        return null;
    }
}
