using System.Text;

namespace PaaS.Core;

/// <summary>A command that an app's scheduler runs by the clock.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Schedule">When.</param>
/// <param name="Command">What, one text for the shell inside the dyno.</param>
/// <param name="Size">The size of its dynos; <see langword="null"/> for the default.</param>
public sealed record ScheduledJob(Guid Id, CronSchedule Schedule, string Command, DynoSize? Size = null)
{
    /// <summary>The most jobs of an app that are made through the API, and the most in its <c>app.json</c>: 100 each.</summary>
    public const int MaxPerApp = 100;

    /// <summary>The longest command of a job or a one-off dyno in UTF-8: 32,768 bytes.</summary>
    public const int MaxCommandBytes = 32 * 1024;

    /// <summary>What is wrong with a command; <see langword="null"/> if nothing is.</summary>
    /// <param name="command">The command.</param>
    public static string? FindCommandProblem(string? command) =>
        string.IsNullOrWhiteSpace(command) ? "The command is missing. Name what is to be run, such as 'rake cleanup'."
        : command.Contains('\0', StringComparison.Ordinal) ? "The command contains a NUL character, which no command line can hold. Remove it."
        : Encoding.UTF8.GetByteCount(command) is > MaxCommandBytes and var bytes ? $"The command has {bytes:N0} bytes; at most {MaxCommandBytes:N0} are allowed. Put it into a script."
        : null;
}
