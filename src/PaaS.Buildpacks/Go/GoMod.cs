using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>What a build reads in a go.mod.</summary>
/// <param name="Module">The module's path.</param>
internal sealed partial record GoMod(string Module)
{
    public const string FileName = "go.mod";

    private const int MaxBytes = 2 << 20;

    /// <summary>The version in <c>go 1.22</c>, if any: the least that the module needs.</summary>
    public string? Go { get; private init; }

    /// <summary>The version in <c>// +heroku goVersion go1.22</c>, if any.</summary>
    public string? HerokuVersion { get; private init; }

    /// <summary>The packages in <c>// +heroku install ./cmd/...</c>; empty if there is no such line.</summary>
    public ImmutableArray<string> Install { get; private init; } = [];

    /// <summary>The paths of the modules that it requires.</summary>
    public ImmutableArray<string> Requirements { get; private init; } = [];

    /// <summary>Modules that are replaced by a directory of the app, with that directory.</summary>
    public ImmutableArray<(string Module, string Directory)> Local { get; private init; } = [];

    /// <summary>Reads the file of an app.</summary>
    public static bool TryRead(SourceTree tree, [NotNullWhen(true)] out GoMod? module, [NotNullWhen(false)] out string? problem)
    {
        module = null;
        try
        {
            module = Parse(tree.ReadText(FileName, MaxBytes) ?? string.Empty);
            problem = module is null ? "go.mod names no module, or one whose name is no path. Its first line should be like 'module example.com/shop'; 'go mod init NAME' writes it." : null;
            return module is not null;
        }
        catch (InvalidDataException e)
        {
            problem = e.Message;
            return false;
        }
    }

    /// <summary>Reads its text; null if it names no module.</summary>
    internal static GoMod? Parse(string text)
    {
        string? path = null, go = null, heroku = null;
        ImmutableArray<string> install = [];
        var requirements = ImmutableArray.CreateBuilder<string>();
        var local = ImmutableArray.CreateBuilder<(string Module, string Directory)>();
        var block = string.Empty;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["//", "+heroku", "goVersion", var version, ..]:
                    heroku ??= version;
                    break;
                case ["//", "+heroku", "install", .. var packages] when install.IsEmpty:
                    install = [.. packages];
                    break;
                case [['/', '/', ..], ..] or []:
                    break;
                case ["module", var name, ..]:
                    path ??= name.Trim('"');
                    break;
                case ["go", var version, ..]:
                    go ??= version;
                    break;
                case [var directive, "(", ..]:
                    block = directive;
                    break;
                case [")", ..]:
                    block = string.Empty;
                    break;
                case ["require" or "replace", .. var rest] when block.Length == 0:
                    Add(words[0], rest);
                    break;
                default:
                    Add(block, words);
                    break;
            }
        }

        return path is not null && ModulePath().IsMatch(path) && !path.Split('/').Any(static part => part is "" or "." or "..")
            ? new GoMod(path) { Go = go, HerokuVersion = heroku, Install = install, Requirements = requirements.ToImmutable(), Local = local.ToImmutable() }
            : null;

        void Add(string directive, string[] words)
        {
            switch (directive, words)
            {
                case ("require", [var name, ..]):
                    requirements.Add(name);
                    break;
                case ("replace", [var name, "=>", ['.', ..] directory, ..]) when IsModule(name):
                    local.Add((name, directory));
                    break;
                case ("replace", [var name, _, "=>", ['.', ..] directory, ..]) when IsModule(name):
                    local.Add((name, directory));
                    break;
            }
        }
    }

    private static bool IsModule(string name) => ModulePath().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._~/-]{0,500}$", RegexOptions.CultureInvariant)]
    private static partial Regex ModulePath();
}
