using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What an app's own files say it runs.</summary>
/// <param name="Types">The process types; empty if there is no file, or none that can be read.</param>
/// <param name="File">The file; null if there is none.</param>
/// <param name="Diagnostics">What its author should know.</param>
internal sealed record DeclaredTypes(ImmutableSortedDictionary<ProcessType, string> Types, string? File, ImmutableArray<FileDiagnostic> Diagnostics)
{
    private const string ProcfileName = "Procfile";
    private static readonly ImmutableSortedDictionary<ProcessType, string> None = ImmutableSortedDictionary<ProcessType, string>.Empty;

    /// <summary>What stops the deploy, line by line; null if nothing does.</summary>
    public string? Problem => Diagnostics.Problem();

    /// <summary>Reads the <c>Procfile</c>, or what a <c>heroku.yml</c> has in its place (Heroku: its <c>run</c> replaces the Procfile).</summary>
    /// <param name="tree">The app.</param>
    /// <param name="yml">Its heroku.yml, if it has one.</param>
    public static DeclaredTypes Read(SourceTree tree, HerokuYml? yml)
    {
        var declared = yml?.Run is { } run
            ? new DeclaredTypes(run, HerokuYml.Name, tree.Exists(ProcfileName) ? [new($"{ProcfileName} is passed over: {HerokuYml.Name} has a section run, which takes its place.", false)] : [])
            : ReadProcfile(tree);
        return yml?.ReleaseCommand is { } command
            ? declared with { Types = declared.Types.SetItem(ProcessType.Release, command), File = declared.File ?? HerokuYml.Name }
            : declared;
    }

    private static DeclaredTypes ReadProcfile(SourceTree tree)
    {
        string? text;
        try
        {
            text = tree.ReadText(ProcfileName, Procfile.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            return new(None, ProcfileName, [new($"{e.Message} It holds one line per process type; move the rest into scripts.", true)]);
        }

        if (text is null)
        {
            return tree.Exists(ProcfileName)
                ? new(None, ProcfileName, [new("Procfile is no regular file of the app. Make it a plain text file in the app's root.", true)])
                : new(None, null, []);
        }

        var procfile = Procfile.Parse(text);
        return new(
            procfile.ToImmutableSortedDictionary(static e => e.Type, static e => e.Command),
            ProcfileName,
            [.. procfile.Diagnostics.Select(static d => new FileDiagnostic($"Procfile line {d.Line}: {d.Message}", d.IsError, d.Code is ProcfileDiagnosticCodes.NoWebType))]);
    }
}
