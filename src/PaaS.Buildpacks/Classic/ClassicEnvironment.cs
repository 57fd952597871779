using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// The variables of classic buildpacks' scripts: those of every command of a build, of the buildpacks before, and what Heroku's build has
/// beside. Config vars are not among them.
/// </summary>
internal static class ClassicEnvironment
{
    /// <summary>What a buildpack can't change for the next one: the platform sets it for each, and the shell for itself.</summary>
    private static readonly ImmutableHashSet<string> NotExported =
        ["HOME", "TMPDIR", "STACK", "REQUEST_ID", "SOURCE_VERSION", "_", "SHLVL", "PWD", "OLDPWD"];

    /// <summary>Gives the variables of a script.</summary>
    public static ImmutableSortedDictionary<string, string> Of(BuildContext context, ClassicDirectories directories)
    {
        var environment = context.Environment.ToBuilder();
        foreach (var (name, value) in context.Environment)
        {
            if (context.IsSandboxed && !IsOperators(context, name) && value.Contains(ClassicDirectories.InnerHome, StringComparison.Ordinal))
            {
                environment[name] = InTree(directories, value);
            }
        }

        if (!IsOperators(context, "LANG"))
        {
            // Heroku's builds have none, and language buildpacks choose it.
            environment.Remove("LANG");
        }

        environment["HOME"] = directories.Home;
        environment["REQUEST_ID"] = directories.BuildId;
        environment.TryAdd("CURL_CONNECT_TIMEOUT", "30");
        environment.TryAdd("CURL_TIMEOUT", "180");
        return environment.ToImmutable();
    }

    /// <summary>What a script changed, for the buildpacks after it; null for nothing.</summary>
    /// <param name="before">The variables that its shell began with.</param>
    /// <param name="after">Those it ended with.</param>
    public static ImmutableSortedDictionary<string, string>? Changes(IReadOnlyDictionary<string, string> before, IEnumerable<KeyValuePair<string, string>> after)
    {
        var changes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in after)
        {
            if (IsName(name) && !NotExported.Contains(name) && !(before.TryGetValue(name, out var old) && old == value))
            {
                changes[name] = value;
            }
        }

        return changes.Count == 0 ? null : changes.ToImmutable();
    }

    /// <summary>Whether a shell can have a variable of this name.</summary>
    public static bool IsName(string name) =>
        name is { Length: > 0 and <= 255 } && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsOperators(BuildContext context, string name) => context.Options?.Environment.ContainsKey(name) == true;

    /// <summary>
    /// Paths below /app that a built-in buildpack exported, where these scripts find them: for it /app is the app's tree, for them a directory
    /// beside it.
    /// </summary>
    private static string InTree(ClassicDirectories directories, string value)
    {
        var home = new SourceTree(directories.HostHome);
        return string.Join(':', value.Split(':').Select(part =>
            part.StartsWith(ClassicDirectories.InnerHome + "/", StringComparison.Ordinal)
            && part[(ClassicDirectories.InnerHome.Length + 1)..] is { Length: > 0 } below
            && !home.Exists(below) && directories.Tree.Exists(below)
                ? $"{directories.Tree.Root}/{below}"
                : part));
    }
}
