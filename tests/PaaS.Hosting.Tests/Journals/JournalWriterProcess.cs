using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace PaaS.Hosting.Tests;

/// <summary>A process of its own that appends until it is killed, and prints each version once it is acknowledged.</summary>
internal static class JournalWriterProcess
{
    private const string Variable = "PAAS_TEST_JOURNAL_WRITER";

    public static Process Start(string databasePath)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, ArgumentList = { "exec", typeof(JournalWriterProcess).Assembly.Location } };
        start.Environment[Variable] = databasePath;
        return Process.Start(start)!;
    }

    // The test assembly's entry point belongs to the test SDK; this runs before it.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            Run(path);
        }
    }

    // Blocking on purpose: no other thread may enter this assembly before its initializer has ended.
    private static void Run(string path)
    {
        var journal = SqliteJournal.OpenAsync(path).AsTask().GetAwaiter().GetResult();
        var version = Append(journal, -1, "x");
        while (true)
        {
            // Two events each: a torn append would show as an odd number of events.
            var text = (version + 2).ToString(CultureInfo.InvariantCulture);
            version = Append(journal, version, text);
            Console.Out.WriteLine(text);
            Console.Out.Flush();
        }
    }

    private static long Append(SqliteJournal journal, long expected, string text) =>
        journal.AppendAsync(StreamName.Catalog, expected, [JournalConformance.Event(text), JournalConformance.Event(text)]).AsTask().GetAwaiter().GetResult().Version;
}
