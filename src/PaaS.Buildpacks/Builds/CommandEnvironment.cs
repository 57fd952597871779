namespace PaaS.Buildpacks;

/// <summary>
/// The variables that a built-in buildpack gives its commands: the app's config vars, as the official buildpacks export them from
/// <c>ENV_DIR</c>, and the buildpack's own defaults for names that neither the app nor the operator sets.
/// </summary>
internal static class CommandEnvironment
{
    /// <summary>Heroku's list of config vars that no build sees, and what a build decides itself.</summary>
    private static readonly HashSet<string> Kept =
        ["PATH", "GIT_DIR", "CPATH", "CPPATH", "LD_PRELOAD", "LIBRARY_PATH", "HOME", "TMPDIR", "STACK", "SOURCE_VERSION"];

    /// <summary>Gives the variables.</summary>
    /// <param name="context">The build.</param>
    /// <param name="defaults">The buildpack's own.</param>
    /// <param name="alsoKept">More names of config vars that its commands don't see.</param>
    /// <param name="names">How the package manager compares names; npm reads its own in any case.</param>
    public static Dictionary<string, string> Of(
        BuildContext context, IEnumerable<KeyValuePair<string, string>> defaults, IReadOnlyCollection<string>? alsoKept = null, StringComparer? names = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.ConfigVars)
        {
            if (!Kept.Contains(name) && alsoKept?.Contains(name) != true)
            {
                environment[name] = value;
            }
        }

        var taken = environment.Keys.Concat(context.Environment.Keys).ToHashSet(names ?? StringComparer.Ordinal);
        foreach (var (name, value) in defaults)
        {
            if (!taken.Contains(name))
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}
