namespace PaaS.Buildpacks;

/// <summary>A Java development kit.</summary>
/// <param name="Home">Its directory, as a build's commands and dynos see it.</param>
/// <param name="Version">Its version.</param>
internal sealed record Jdk(string Home, JavaVersion Version)
{
    private const string Directories = "/usr/lib/jvm";
    private const int MaxBytes = 64 * 1024;

    /// <summary>Finds those of this machine: the operator's <c>JAVA_HOME</c>, the system's default, and the others, newest first.</summary>
    /// <param name="environment">The build's.</param>
    /// <param name="directories">Where packages put them.</param>
    public static IReadOnlyList<Jdk> List(IReadOnlyDictionary<string, string> environment, string directories = Directories)
    {
        var found = new List<Jdk>();
        Add(found, environment.GetValueOrDefault("JAVA_HOME"));
        Add(found, Path.Combine(directories, "default-java"));
        Add(found, Compiler(environment.GetValueOrDefault("PATH")));
        var first = found.Count;
        foreach (var home in (Directory.Exists(directories) ? Directory.GetDirectories(directories) : []).Order(StringComparer.Ordinal))
        {
            Add(found, home);
        }

        return [.. found.Take(first), .. found.Skip(first).OrderByDescending(static jdk => jdk.Version.Major)];
    }

    private static void Add(List<Jdk> found, string? home)
    {
        if (home is null || !Path.IsPathRooted(home) || !File.Exists(Path.Combine(home, "bin", "javac")))
        {
            return;
        }

        home = new DirectoryInfo(home).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(home);
        if (!found.Exists(jdk => jdk.Home == home) && VersionOf(home) is { } version)
        {
            found.Add(new Jdk(home, version));
        }
    }

    /// <summary>Every JDK says in its file <c>release</c> what it is.</summary>
    private static JavaVersion? VersionOf(string home)
    {
        var file = new FileInfo(Path.Combine(home, "release"));
        if (!file.Exists || file.Length > MaxBytes)
        {
            return null;
        }

        var line = File.ReadLines(file.FullName).FirstOrDefault(static l => l.StartsWith("JAVA_VERSION=", StringComparison.Ordinal));
        return line is not null && JavaVersion.TryParse(line["JAVA_VERSION=".Length..].Trim().Trim('"'), out var version) ? version : null;
    }

    private static string? Compiler(string? path)
    {
        var javac = (path ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries).Select(static d => Path.Combine(d, "javac")).FirstOrDefault(File.Exists);
        return javac is null ? null : Path.GetDirectoryName(Path.GetDirectoryName(new FileInfo(javac).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? javac));
    }
}
