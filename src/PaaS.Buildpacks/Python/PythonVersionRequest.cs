using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The Python that an app asks for.</summary>
/// <param name="Text">What it wrote: <c>3.11</c>, <c>3.11.4</c>, or conditions such as <c>&gt;=3.11,&lt;4</c>.</param>
/// <param name="Origin">Where, for people: <c>.python-version</c>.</param>
/// <param name="Condition">Which versions will do.</param>
internal sealed partial record PythonVersionRequest(string Text, string Origin, PythonVersionCondition Condition)
{
    private const int MaxBytes = 2 << 20;

    /// <summary>The patch that was asked for, if any: another of the same minor version will do, but is worth a warning.</summary>
    public int? Patch { get; private init; }

    /// <summary>Reads the request, in Heroku's order: runtime.txt, .python-version, Pipfile.lock; then pyproject.toml.</summary>
    /// <param name="tree">The app.</param>
    /// <param name="tool">What installs its dependencies.</param>
    /// <param name="problem">What is wrong with the file that counts, or null.</param>
    /// <returns>The request, or null if the app asks for none.</returns>
    public static PythonVersionRequest? Read(SourceTree tree, PythonPackageTool tool, out string? problem)
    {
        try
        {
            if (tree.ReadText("runtime.txt", 64 * 1024) is { } runtime)
            {
                return Exact(string.Join(' ', Lines(runtime)), "runtime.txt", "python-", out problem);
            }

            if (tree.ReadText(".python-version", 64 * 1024) is { } file)
            {
                var lines = Lines(file);
                problem = lines.Count switch
                {
                    0 => "There is no version in .python-version. Write one such as 3.11 into it, alone.",
                    1 => null,
                    _ => $"There are several versions in .python-version: {TreeName.Shown(string.Join(", ", lines.Take(10)))}. Keep one.",
                };
                return problem is null ? Exact(lines[0], ".python-version", string.Empty, out problem) : null;
            }

            problem = null;
            if (tool == PythonPackageTool.Pipenv && Pipenv(tree.ReadText("Pipfile.lock", MaxBytes) ?? "{}", out problem) is { } locked)
            {
                return Exact(locked, "Pipfile.lock", string.Empty, out problem);
            }

            return problem is null && tree.ReadText("pyproject.toml", MaxBytes) is { } project ? Project(project, out problem) : null;
        }
        catch (InvalidDataException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static List<string> Lines(string text) => [.. text.ReplaceLineEndings("\n").Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0 && l[0] != '#')];

    private static PythonVersionRequest? Exact(string text, string origin, string prefix, out string? problem)
    {
        var match = Version().Match(text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : string.Empty);
        if (!match.Success)
        {
            problem = $"{origin} asks for '{TreeName.Shown(text)}', which is no version of Python. Write {prefix}3.11, for example: no quotes, no wildcards, comments on lines of their own.";
            return null;
        }

        problem = null;
        var minor = $"{match.Groups[1].Value}.{match.Groups[2].Value}";
        return new PythonVersionRequest(match.Value, origin, PythonVersionCondition.OfMinor(minor))
        {
            Patch = match.Groups[3].Success ? int.Parse(match.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture) : null,
        };
    }

    private static string? Pipenv(string text, out string? problem)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            problem = null;
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object
                && meta.TryGetProperty("requires", out var requires) && requires.ValueKind == JsonValueKind.Object
                && (requires.TryGetProperty("python_full_version", out var version) || requires.TryGetProperty("python_version", out version))
                && version.ValueKind == JsonValueKind.String
                ? version.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = "Pipfile.lock is not valid JSON. Run 'pipenv lock' and commit it again.";
            return null;
        }
    }

    /// <summary><c>requires-python</c> of <c>[project]</c>, or <c>python</c> of <c>[tool.poetry.dependencies]</c>.</summary>
    private static PythonVersionRequest? Project(string text, out string? problem)
    {
        problem = null;
        var section = string.Empty;
        foreach (var line in Lines(text))
        {
            if (line[0] == '[')
            {
                section = line.Split('#')[0].Trim().Trim('[', ']').Trim();
            }
            else if ((section, Assignment().Match(line)) is ("project" or "tool.poetry.dependencies", { Success: true } match)
                && match.Groups[1].Value == (section == "project" ? "requires-python" : "python"))
            {
                var (origin, wanted) = ($"{match.Groups[1].Value} in pyproject.toml", match.Groups[2].Value);
                if (PythonVersionCondition.TryParse(wanted, out var condition))
                {
                    return new PythonVersionRequest(wanted, origin, condition);
                }

                problem = $"{origin} is '{TreeName.Shown(wanted)}', which is no condition on versions. Write one such as \">=3.11\".";
                return null;
            }
        }

        return null;
    }

    // The numbers are short: they are parsed.
    [GeneratedRegex(@"^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(?:\.(0|[1-9][0-9]{0,3}))?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex("""^([A-Za-z-]+)\s*=\s*["']([^"']*)["']\s*(?:#.*)?$""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Assignment();
}
