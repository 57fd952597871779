using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds .NET apps with the machine's own SDK: <c>dotnet tool restore</c> if there is a manifest of tools, and <c>dotnet publish</c> of the one
/// solution, project or C# file in the root. NuGet's packages are kept between builds. The machine must have the SDK that
/// <c>global.json</c> asks for, and the runtimes of the projects' target frameworks.
/// </summary>
public sealed class DotnetBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/dotnet";

    /// <inheritdoc/>
    public string DisplayName => ".NET";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            DotnetApp.Extensions.Any(extension => context.Tree.Files(pattern: $"*{extension}").Count > 0),
            "There is no solution (.sln, .slnx), project (.csproj, .fsproj, .vbproj) or C# file in the root of the app."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return DotnetApp.TryRead(context, out var app, out var problem)
                ? await new DotnetBuild(context, app, cancellationToken).RunAsync().ConfigureAwait(false)
                : new CompileFailed(problem);
        }
        catch (InvalidDataException e)
        {
            return new CompileFailed(e.Message);
        }
    }

    /// <summary>One process type for each project that makes a program; <c>web</c> for the web project if there is exactly one (Heroku).</summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(BuildpackRelease.Empty with { DefaultProcessTypes = ProcessTypes(context) });
    }

    private static ImmutableSortedDictionary<ProcessType, string> ProcessTypes(BuildContext context)
    {
        try
        {
            return DotnetApp.TryRead(context, out var app, out _) ? DotnetProcessTypes.Of(context.Tree, app) : BuildpackRelease.Empty.DefaultProcessTypes;
        }
        catch (InvalidDataException)
        {
            // A tree that is only looked at; the compile says what is wrong.
            return BuildpackRelease.Empty.DefaultProcessTypes;
        }
    }
}
