using System.Collections.Immutable;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>What the projects of an app can be started as.</summary>
internal static class DotnetProcessTypes
{
    private const int MaxLength = 63;

    /// <summary>
    /// The process types of the programs that were published. Of a tree that was not published: those of all projects that will make a
    /// program.
    /// </summary>
    public static ImmutableSortedDictionary<ProcessType, string> Of(SourceTree tree, DotnetApp app)
    {
        var types = ImmutableSortedDictionary.CreateBuilder<ProcessType, string>();
        var programs = app.Projects.Where(static project => project.Kind != DotnetProjectKind.Other).ToList();
        var hasOneWeb = programs.Count(static project => project.Kind == DotnetProjectKind.Web) == 1;
        var isPublished = app.Projects.Any(project => tree.HasDirectory(project.PublishDirectory));
        foreach (var project in programs.Where(project => !isPublished || tree.HasFile($"{project.PublishDirectory}/{project.AssemblyName}")))
        {
            var type = hasOneWeb && project.Kind == DotnetProjectKind.Web ? ProcessType.Web : TypeOf(project.AssemblyName);
            if (type is { } name)
            {
                types[name] = $"cd {ShellWord.Of(project.PublishDirectory)}; ./{ShellWord.Of(project.AssemblyName)}{(project.Kind == DotnetProjectKind.Web ? " --urls http://*:$PORT" : string.Empty)}";
            }
        }

        return types.ToImmutable();
    }

    /// <summary>A program's name as a process type: lower case, and hyphens for what parts words.</summary>
    private static ProcessType? TypeOf(string assembly)
    {
        var name = new StringBuilder();
        foreach (var c in assembly.ToLowerInvariant())
        {
            if (c is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            {
                name.Append(c);
            }
            else if (c is '-' or '.' or '_' or ' ' && name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        var text = name.ToString().Trim('-');
        return ProcessType.TryParse(text[..Math.Min(MaxLength, text.Length)].TrimEnd('-'), null, out var type) ? type : null;
    }
}
