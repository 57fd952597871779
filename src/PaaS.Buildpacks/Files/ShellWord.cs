namespace PaaS.Buildpacks;

/// <summary>Text as one word of a shell's command, whatever is in it.</summary>
internal static class ShellWord
{
    /// <summary>The word: in quotes if a shell would see more in it than its characters.</summary>
    public static string Of(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '+' or '=' or '@' or ',' or ':')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
