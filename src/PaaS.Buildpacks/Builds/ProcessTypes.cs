using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What a built app can run: its own file's entries, and the buildpack's defaults for names it does not declare (Heroku's rule).</summary>
internal static class ProcessTypes
{
    /// <summary>Puts both together, and reports what was found.</summary>
    /// <param name="declared">What the app's file says, as the compile left it. It has no error.</param>
    /// <param name="defaults">The buildpack's.</param>
    /// <param name="output">Where the build speaks.</param>
    public static ImmutableSortedDictionary<ProcessType, string> Merge(DeclaredTypes declared, ImmutableSortedDictionary<ProcessType, string> defaults, BuildOutput output)
    {
        var added = defaults.Where(d => !declared.Types.ContainsKey(d.Key)).ToList();
        var hasWeb = added.Exists(static a => a.Key == ProcessType.Web);
        output.Heading("Discovering process types");
        foreach (var diagnostic in declared.Diagnostics.Where(d => !(hasWeb && d.IsNoWeb)))
        {
            output.Warning(diagnostic.Text);
        }

        var gap = added.Count > 0 ? "    " : string.Empty;
        output.Detail($"{declared.File ?? "Procfile"} declares types{gap} -> {Joined(declared.Types.Keys)}");
        if (added.Count > 0)
        {
            output.Detail($"Default types for buildpack -> {Joined(added.Select(static a => a.Key))}");
        }

        return declared.Types.AddRange(added);
    }

    private static string Joined(IEnumerable<ProcessType> types) => string.Join(", ", types) is { Length: > 0 } joined ? joined : "(none)";
}
