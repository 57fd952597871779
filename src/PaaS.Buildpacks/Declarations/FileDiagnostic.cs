namespace PaaS.Buildpacks;

/// <summary>What an app's author should know of one of its files.</summary>
/// <param name="Text">The file, the line and what is the matter.</param>
/// <param name="IsError">Whether it stops the deploy.</param>
/// <param name="IsNoWeb">Whether it says that there is no <c>web</c> type; a buildpack may add one.</param>
internal sealed record FileDiagnostic(string Text, bool IsError, bool IsNoWeb = false);

/// <summary>Lists of diagnostics.</summary>
internal static class FileDiagnostics
{
    /// <summary>What stops the deploy, line by line; null if nothing does.</summary>
    public static string? Problem(this IEnumerable<FileDiagnostic> diagnostics) =>
        string.Join('\n', diagnostics.Where(static d => d.IsError).Select(static d => d.Text)) is { Length: > 0 } text ? text : null;
}
