using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>What of a tree is built: one solution, project or C# file in its root.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind">What it is, for people.</param>
/// <param name="Projects">Its projects.</param>
internal sealed partial record DotnetApp(string Path, string Kind, ImmutableArray<DotnetProject> Projects)
{
    /// <summary>The extensions of files that can be built, the more important first (Heroku's order).</summary>
    public static readonly ImmutableArray<string> Extensions = [".sln", ".slnx", ".csproj", ".fsproj", ".vbproj", ".cs"];

    private const int MaxBytes = 4 << 20;
    private const int MaxProjects = 1000;

    private static readonly (string Kind, string[] Extensions)[] Kinds =
        [("solution", [".sln", ".slnx"]), ("project", [".csproj", ".fsproj", ".vbproj"]), ("file-based app", [".cs"])];

    /// <summary>Finds and reads it. The config var <c>SOLUTION_FILE</c> names one of several solutions.</summary>
    /// <exception cref="InvalidDataException">A file is too large.</exception>
    public static bool TryRead(BuildContext context, [NotNullWhen(true)] out DotnetApp? app, [NotNullWhen(false)] out string? problem)
    {
        app = null;
        if (Find(context, out problem) is not { } found)
        {
            problem ??= "There is no solution, project or C# file in the root of the app.";
            return false;
        }

        var paths = found.Kind == "solution" ? SolutionProjects(context.Tree, found.Path, out problem) : [found.Path];
        var projects = ImmutableArray.CreateBuilder<DotnetProject>();
        foreach (var path in paths)
        {
            if (problem is null && DotnetProject.Read(context.Tree, path, out problem) is { } project)
            {
                projects.Add(project);
            }
        }

        if (problem is null && projects.Count == 0)
        {
            problem = $"{TreeName.Shown(found.Path)} holds no project of C#, F# or Visual Basic. Add one with 'dotnet sln add'.";
        }

        app = problem is null ? new DotnetApp(found.Path, found.Kind, projects.ToImmutable()) : null;
        return app is not null;
    }

    private static (string Path, string Kind)? Find(BuildContext context, out string? problem)
    {
        problem = null;
        if (context.ConfigVars.TryGetValue("SOLUTION_FILE", out var named) && named.Length > 0)
        {
            var isGood = !named.Contains('/', StringComparison.Ordinal) && (named.EndsWith(".sln", StringComparison.Ordinal) || named.EndsWith(".slnx", StringComparison.Ordinal)) && context.Tree.HasFile(named);
            problem = isGood ? null : $"The config var SOLUTION_FILE is '{TreeName.Shown(named)}', which is no solution file (.sln, .slnx) in the root of the app.";
            return isGood ? (named, "solution") : null;
        }

        foreach (var (kind, extensions) in Kinds)
        {
            var files = extensions.SelectMany(extension => context.Tree.Files(pattern: $"*{extension}")).ToList();
            if (files.Count > 0)
            {
                var advice = kind switch
                {
                    "solution" => "Name the one to publish in the config var SOLUTION_FILE, or keep one.",
                    "project" => "Put them into a solution in the root, or keep one there.",
                    _ => "A file-based app is one file; make a project for several.",
                };
                problem = files.Count == 1 ? null : $"There are several {kind}s in the root of the app: {string.Join(", ", files.Take(20).Select(TreeName.Shown))}. {advice}";
                return files.Count == 1 ? (files[0], kind) : null;
            }
        }

        return null;
    }

    private static List<string> SolutionProjects(SourceTree tree, string path, out string? problem)
    {
        problem = null;
        var text = tree.ReadText(path, MaxBytes) ?? string.Empty;
        var named = path.EndsWith(".slnx", StringComparison.Ordinal)
            ? BuildXml.Read(path, text, out problem)?.Descendants().Where(static e => e.Name.LocalName == "Project").Select(static e => e.Attribute("Path")?.Value).OfType<string>() ?? []
            : SolutionProject().Matches(text).Select(static match => match.Groups[1].Value);
        var projects = new List<string>();
        foreach (var name in named.Where(static name => Kinds[1].Extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))).Take(MaxProjects))
        {
            if (TreePath.Join(string.Empty, name.Replace('\\', '/')) is { } project && tree.HasFile(project))
            {
                projects.Add(project);
            }
            else
            {
                problem ??= $"{TreeName.Shown(path)} names the project {TreeName.Shown(name)}, which is not in the app. Commit it, or remove it from the solution.";
            }
        }

        return projects;
    }

    [GeneratedRegex("""^Project\("\{[^}"]+\}"\) = "[^"\n]+", "([^"\n]+\.[^"\n]+)", "\{[^}"]+\}"\s*$""", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex SolutionProject();
}
