using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// What an app's <c>heroku.yml</c> says, as far as builds by buildpacks go: <c>build.buildpacks</c>, <c>build.config</c>, <c>release.command</c> and
/// <c>run</c>. Builds of containers are not offered.
/// </summary>
internal sealed record HerokuYml
{
    /// <summary>The file's name.</summary>
    public const string Name = "heroku.yml";

    /// <summary>The line where it asks for the build of a container image; null if it does not.</summary>
    public int? DockerLine { get; init; }

    /// <summary>The buildpacks, in their order; empty if it names none.</summary>
    public ImmutableArray<BuildpackReference> Buildpacks { get; init; } = [];

    /// <summary>Variables for the build alone.</summary>
    public ConfigPatch Config { get; init; } = ConfigPatch.Empty;

    /// <summary>The command of the release phase; null if it has none.</summary>
    public string? ReleaseCommand { get; init; }

    /// <summary>What it runs; null if it has no such section.</summary>
    public ImmutableSortedDictionary<ProcessType, string>? Run { get; init; }

    /// <summary>What its author should know.</summary>
    public ImmutableArray<FileDiagnostic> Diagnostics { get; init; } = [];

    /// <summary>What stops the deploy, line by line; null if nothing does.</summary>
    public string? Problem => Diagnostics.Problem();

    /// <summary>Reads an app's file.</summary>
    /// <returns>Null if there is none.</returns>
    public static HerokuYml? Read(SourceTree tree)
    {
        try
        {
            if (tree.ReadText(Name, YamlText.MaxLength) is { } text)
            {
                return HerokuYmlReader.Read(text);
            }
        }
        catch (InvalidDataException e)
        {
            return Refused(e.Message);
        }

        return tree.Exists(Name) ? Refused($"{Name} is no regular file of the app. Make it a plain text file in the app's directory.") : null;
    }

    private static HerokuYml Refused(string problem) => new() { Diagnostics = [new(problem, true)] };
}
