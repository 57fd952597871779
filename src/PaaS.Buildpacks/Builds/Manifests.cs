namespace PaaS.Buildpacks;

/// <summary>What of a source tree's <c>app.json</c> goes with the slug.</summary>
internal static class Manifests
{
    private const string Name = "app.json";

    /// <summary>Reads the manifest as the compile left it, and reports what its author should know.</summary>
    /// <param name="tree">The app.</param>
    /// <param name="output">Where the build speaks.</param>
    /// <param name="problem">Why the manifest stops the deploy; null if it does not.</param>
    /// <returns>The manifest and its text; null if there is none.</returns>
    public static (AppManifest Manifest, string Text)? Read(SourceTree tree, BuildOutput output, out string? problem)
    {
        problem = null;
        string? text;
        try
        {
            text = tree.ReadText(Name, AppManifest.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            output.Warning($"{e.Message} It is passed over: its cron and healthchecks do not count.");
            return null;
        }

        if (text is null)
        {
            if (tree.Exists(Name))
            {
                output.Warning($"{Name} is no regular file of the app. It is passed over: its cron and healthchecks do not count.");
            }

            return null;
        }

        var manifest = AppManifest.Parse(text, out var diagnostics);
        foreach (var warning in diagnostics.Where(static d => !d.IsError))
        {
            output.Warning(warning.ToString());
        }

        problem = string.Join('\n', diagnostics.Where(static d => d.IsError)) is { Length: > 0 } errors ? errors : null;
        return (manifest, text);
    }
}
