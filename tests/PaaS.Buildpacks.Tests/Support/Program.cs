namespace PaaS.Buildpacks.Tests;

/// <summary>Unpacks an archive in a process of its own, whose memory a test can limit: <c>extract ARCHIVE DIRECTORY ENTRIES BYTES</c>.</summary>
internal static class Program
{
    /// <summary>The exit code for an archive that was refused.</summary>
    public const int Refused = 3;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["extract", var archive, var directory, var entries, var bytes])
        {
            await Console.Error.WriteLineAsync("These are tests: run them with 'dotnet test'.");
            return 2;
        }

        try
        {
            await using var file = File.OpenRead(archive);
            var limits = new SourceLimits
            {
                Entries = int.Parse(entries, System.Globalization.CultureInfo.InvariantCulture),
                TotalBytes = long.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture),
            };
            await SourceArchive.ExtractAsync(file, directory, limits);
            return 0;
        }
        catch (SourceRejectedException refusal)
        {
            await Console.Out.WriteLineAsync(refusal.Message);
            return Refused;
        }
    }
}
