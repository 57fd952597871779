using System.Diagnostics;

namespace PaaS.Benchmarks;

/// <summary>The programs that a run needs.</summary>
internal static class Tools
{
    private static readonly (string Program, string Package, string Version)[] All = [("wrk", "wrk", "-v"), ("nginx", "nginx-light", "-v"), ("haproxy", "haproxy", "-v")];

    /// <summary>Installs what is missing with apt-get, and says so.</summary>
    /// <exception cref="InvalidOperationException">It can't be installed here; the message says what to do.</exception>
    public static async Task InstallAsync(CancellationToken cancellationToken)
    {
        string[] missing = [.. All.Where(static tool => !IsThere(tool.Program)).Select(static tool => tool.Package)];
        if (missing.Length == 0)
        {
            return;
        }

        if (!Environment.IsPrivilegedProcess || !IsThere("apt-get"))
        {
            throw new InvalidOperationException($"Missing: {string.Join(", ", missing)}. Install them, on Debian with: sudo apt-get install -y {string.Join(' ', missing)}");
        }

        await Console.Error.WriteLineAsync($"Installing {string.Join(", ", missing)} (apt-get)");
        foreach (var arguments in new string[][] { ["-qq", "update"], ["-qq", "install", "-y", "--no-install-recommends", .. missing] })
        {
            var (code, text) = await RunAsync("apt-get", arguments, cancellationToken);
            if (code != 0)
            {
                throw new InvalidOperationException($"apt-get {string.Join(' ', arguments)} ended with {code}: {text} Install {string.Join(", ", missing)} by hand and start again.");
            }
        }
    }

    /// <summary>The first line that each program says of itself.</summary>
    public static async Task<string> VersionsAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string> { $".NET {Environment.Version}" };
        foreach (var (program, _, option) in All)
        {
            lines.Add((await RunAsync(program, [option], cancellationToken)).Text.Split('\n')[0].Trim());
        }

        return string.Join("; ", lines);
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Append("/usr/sbin").Any(directory => File.Exists(Path.Combine(directory, program)));

    private static async Task<(int Code, string Text)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        var text = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, string.Concat(text));
    }
}
