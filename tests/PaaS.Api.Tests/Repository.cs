using System.Diagnostics;
using System.Reflection;

namespace PaaS.Api.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static a => a.Key == "RepositoryRoot").Value!;

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative)).ReplaceLineEndings("\n");

    /// <summary>The files that git knows and that still exist, as paths from the root.</summary>
    public static IReadOnlyList<string> Files()
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Root, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", "safe.directory=*", "ls-files", "-z"])
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        Assert.Contains("PaaS.Sdk.sln", files);
        return [.. files.Where(static f => File.Exists(PathOf(f)))];
    }
}
