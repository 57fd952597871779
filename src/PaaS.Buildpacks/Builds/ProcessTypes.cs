using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What a built app can run: the Procfile's entries, and the buildpack's defaults for names it does not declare (Heroku's rule).</summary>
internal static class ProcessTypes
{
    /// <summary>Reads the Procfile as the compile left it, and reports what was found.</summary>
    /// <returns>The process types, or null if the Procfile stops the deploy.</returns>
    public static ImmutableSortedDictionary<ProcessType, string>? Read(
        BuildContext context, ImmutableSortedDictionary<ProcessType, string> defaults, BuildOutput output, out string? problem)
    {
        string? text;
        try
        {
            text = context.Tree.ReadText("Procfile", Procfile.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            problem = $"{e.Message} It holds one line per process type; move the rest into scripts.";
            return null;
        }

        if (text is null && context.Tree.Exists("Procfile"))
        {
            problem = "Procfile is no regular file of the app. Make it a plain text file in the app's root.";
            return null;
        }

        var procfile = Procfile.Parse(text ?? string.Empty);
        if (procfile.HasErrors)
        {
            problem = string.Join('\n', procfile.Diagnostics.Where(static d => d.IsError).Select(Shown));
            return null;
        }

        problem = null;
        var declared = procfile.ToImmutableSortedDictionary(static e => e.Type, static e => e.Command);
        var added = defaults.Where(d => !declared.ContainsKey(d.Key)).ToList();
        Report(procfile, declared, added, output, text is not null);
        return declared.AddRange(added);
    }

    private static string Shown(ProcfileDiagnostic diagnostic) => $"Procfile line {diagnostic.Line}: {diagnostic.Message}";

    private static void Report(
        Procfile procfile, ImmutableSortedDictionary<ProcessType, string> declared, List<KeyValuePair<ProcessType, string>> added, BuildOutput output, bool exists)
    {
        output.Heading("Discovering process types");
        foreach (var diagnostic in procfile.Diagnostics)
        {
            var hasWeb = added.Exists(static a => a.Key == ProcessType.Web);
            if (exists && !(hasWeb && diagnostic.Code is ProcfileDiagnosticCodes.NoWebType))
            {
                output.Warning(Shown(diagnostic));
            }
        }

        var gap = added.Count > 0 ? "    " : string.Empty;
        output.Detail($"Procfile declares types{gap} -> {Joined(declared.Keys)}");
        if (added.Count > 0)
        {
            output.Detail($"Default types for buildpack -> {Joined(added.Select(static a => a.Key))}");
        }
    }

    private static string Joined(IEnumerable<ProcessType> types) => string.Join(", ", types) is { Length: > 0 } joined ? joined : "(none)";
}
