using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The few settings of a build.sbt that count where there is no sbt to read it.</summary>
/// <param name="Name">The value of <c>name</c>, fit for a file; <c>app</c> if there is none.</param>
/// <param name="ScalaVersion">The value of <c>scalaVersion</c>.</param>
/// <param name="MainClass">The value of <c>mainClass</c>.</param>
/// <param name="HasDependencies">Whether libraries or plugins' settings are asked for that only sbt can bring.</param>
internal sealed partial record ScalaProject(string Name, string? ScalaVersion, string? MainClass, bool HasDependencies)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads all <c>*.sbt</c> files of the root.</summary>
    /// <exception cref="InvalidDataException">One is larger than 1 MiB.</exception>
    public static ScalaProject Of(SourceTree tree) =>
        Parse(string.Join('\n', tree.Files(string.Empty, "*.sbt").Select(name => tree.ReadText(name, MaxBytes))));

    /// <summary>Reads the text of such a file.</summary>
    public static ScalaProject Parse(string text)
    {
        var code = Comment().Replace(text, " ");
        var name = Name_().Match(code) is { Success: true } match ? Unfit().Replace(match.Groups[1].Value.ToLowerInvariant(), "-").Trim('-', '.') : string.Empty;
        return new ScalaProject(name.Length == 0 ? "app" : name, Value(Version().Match(code)), Value(Main().Match(code)), Libraries().IsMatch(code));
    }

    /// <summary>The objects of a source that can be started: <c>object X extends App</c>, or with a <c>def main</c>.</summary>
    public static IEnumerable<string> MainsOf(string source)
    {
        var code = Comment().Replace(source, " ");
        var package = string.Join('.', Package().Matches(code).Select(static m => m.Groups[1].Value));
        var objects = Object().Matches(code).ToList();
        for (var i = 0; i < objects.Count; i++)
        {
            var body = code[objects[i].Index..(i + 1 < objects.Count ? objects[i + 1].Index : code.Length)];
            if (ExtendsApp().IsMatch(body) || DefinesMain().IsMatch(body))
            {
                yield return package.Length == 0 ? objects[i].Groups[1].Value : $"{package}.{objects[i].Groups[1].Value}";
            }
        }
    }

    private static string? Value(Match match) => match.Success ? match.Groups[1].Value : null;

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:^|[\s,(/])name\s*:=\s*""([^""\n]{1,100})""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name_();

    [GeneratedRegex(@"scalaVersion\s*:=\s*""([^""\n]{1,64})""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex(@"mainClass(?:\s+in\s+\(?\s*Compile\s*\)?|\s+in\s+[A-Za-z]+)?\s*:=\s*Some\(\s*""([A-Za-z_][A-Za-z0-9_.]{0,200})""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Main();

    [GeneratedRegex(@"(?:^|\W)(?:libraryDependencies|enablePlugins|addSbtPlugin|dependsOn)(?:\W|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Libraries();

    [GeneratedRegex(@"[^a-z0-9._-]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Unfit();

    [GeneratedRegex(@"^[ \t]*package[ \t]+([A-Za-z_][A-Za-z0-9_.]*)[ \t]*[;{]?[ \t\r]*$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Package();

    // Only at a line's start: an object within another one is no class that Java can start.
    [GeneratedRegex(@"^(?:case[ \t]+)?object[ \t]+([A-Za-z_][A-Za-z0-9_]*)", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Object();

    [GeneratedRegex(@"^(?:case[ \t]+)?object[ \t]+[A-Za-z_][A-Za-z0-9_]*\s+extends\s+(?:scala\.)?App(?:\W|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ExtendsApp();

    [GeneratedRegex(@"def\s+main\s*\(\s*[A-Za-z_][A-Za-z0-9_]*\s*:\s*Array\s*\[\s*String\s*\]\s*\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DefinesMain();
}
