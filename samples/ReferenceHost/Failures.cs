using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PaaS.Core;
using PaaS.Hosting;

namespace PaaS.ReferenceHost;

/// <summary>Turns what a user can mend into one line on standard error and an exit code.</summary>
internal static class Failures
{
    /// <summary>The exit code when the platform could not start: port taken, data directory in use, a bad setting.</summary>
    public const int CannotStart = 1;

    /// <summary>The exit code of wrong options.</summary>
    public const int WrongUsage = 2;

    /// <summary>Runs the command that was parsed, or says what is wrong with the options.</summary>
    public static async Task<int> InvokeAsync(ParseResult parsed)
    {
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Try --help.");
            return WrongUsage;
        }

        // Ctrl-C and SIGTERM belong to the host, which drains; no second time-out beside its own.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>Runs the host; what stops it from starting is said in one line.</summary>
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return WrongUsage;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, e.Failures));
            return WrongUsage;
        }
        catch (FormatException e)
        {
            // The token: what is wrong with it, without repeating it.
            await Console.Error.WriteLineAsync(e.Message);
            return WrongUsage;
        }
        catch (Exception e) when (e is DataDirectoryException or IsolationException or JournalFormatException or IOException or UnauthorizedAccessException or InvalidOperationException or PlatformNotSupportedException)
        {
            await Console.Error.WriteLineAsync($"The host cannot start: {e.Message}");
            return CannotStart;
        }
    }

    /// <summary>Leaves the report of a failed start to <see cref="ReportAsync"/>: the framework would print the same with a stack trace.</summary>
    public static void Quieten(ILoggingBuilder logging) => logging
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
}
