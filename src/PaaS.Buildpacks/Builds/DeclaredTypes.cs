using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What an app's own file says it runs.</summary>
/// <param name="Types">The process types; empty if there is no file, or none that can be read.</param>
/// <param name="File">The file; null if there is none.</param>
/// <param name="Diagnostics">What its author should know.</param>
internal sealed record DeclaredTypes(ImmutableSortedDictionary<ProcessType, string> Types, string? File, ImmutableArray<FileDiagnostic> Diagnostics)
{
    private static readonly ImmutableSortedDictionary<ProcessType, string> None = ImmutableSortedDictionary<ProcessType, string>.Empty;

    /// <summary>What stops the deploy, line by line; null if nothing does.</summary>
    public string? Problem => string.Join('\n', Diagnostics.Where(static d => d.IsError).Select(static d => d.Text)) is { Length: > 0 } text ? text : null;

    /// <summary>Reads the <c>Procfile</c>.</summary>
    public static DeclaredTypes Read(SourceTree tree)
    {
        const string Name = "Procfile";
        string? text;
        try
        {
            text = tree.ReadText(Name, Procfile.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            return new(None, Name, [new($"{e.Message} It holds one line per process type; move the rest into scripts.", true)]);
        }

        if (text is null)
        {
            return tree.Exists(Name)
                ? new(None, Name, [new("Procfile is no regular file of the app. Make it a plain text file in the app's root.", true)])
                : new(None, null, []);
        }

        var procfile = Procfile.Parse(text);
        return new(
            procfile.ToImmutableSortedDictionary(static e => e.Type, static e => e.Command),
            Name,
            [.. procfile.Diagnostics.Select(static d => new FileDiagnostic($"Procfile line {d.Line}: {d.Message}", d.IsError, d.Code is ProcfileDiagnosticCodes.NoWebType))]);
    }
}

/// <summary>What an app's author should know of one of its files.</summary>
/// <param name="Text">The file, the line and what is the matter.</param>
/// <param name="IsError">Whether it stops the deploy.</param>
/// <param name="IsNoWeb">Whether it says that there is no <c>web</c> type; a buildpack may add one.</param>
internal sealed record FileDiagnostic(string Text, bool IsError, bool IsNoWeb = false);
