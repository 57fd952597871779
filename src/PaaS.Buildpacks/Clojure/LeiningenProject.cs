using System.Diagnostics.CodeAnalysis;

namespace PaaS.Buildpacks;

/// <summary>What a build needs to know of a project.clj.</summary>
/// <param name="UberjarName">The jar with all dependencies in it that the project makes, if any.</param>
/// <param name="MinLeinVersion">The least Leiningen, if it says so.</param>
/// <param name="Plugins">The names of the plugins.</param>
internal sealed record LeiningenProject(string? UberjarName, string? MinLeinVersion, IReadOnlyList<string> Plugins)
{
    /// <summary>The largest file that is read: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Reads the text of the file.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LeiningenProject? project, [NotNullWhen(false)] out string? problem)
    {
        project = null;
        try
        {
            // (defproject name "version" :key value ...): what stands before it may be any code.
            var form = ClojureReader.ReadAll(text).OfType<ClojureList>().FirstOrDefault(static f => f.Items is [ClojureAtom { Text: "defproject" }, ..]);
            if (form is null)
            {
                problem = "project.clj has no (defproject ...). See 'lein new app' for one.";
                return false;
            }

            const int Pairs = 3;
            var uberjar = (form.Value(":profiles", Pairs) as ClojureList)?.Value(":uberjar") as ClojureList;
            project = new LeiningenProject(
                (form.Value(":uberjar-name", Pairs) ?? uberjar?.Value(":uberjar-name") as ClojureString) is ClojureString { Text.Length: > 0 } name ? name.Text : null,
                (form.Value(":min-lein-version", Pairs) as ClojureString)?.Text,
                [.. ((form.Value(":plugins", Pairs) as ClojureList)?.Items ?? []).OfType<ClojureList>().Select(static p => p.Items is [ClojureAtom plugin, ..] ? plugin.Text : string.Empty)]);
            problem = null;
            return true;
        }
        catch (FormatException e)
        {
            problem = $"project.clj could not be read: {e.Message}. Check its parentheses; 'lein version' in the app's directory shows the same error.";
            return false;
        }
    }
}
