using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace PaaS.Buildpacks;

/// <summary>The steps of one .NET build.</summary>
internal sealed class DotnetBuild(BuildContext context, DotnetApp app, CancellationToken cancellationToken)
{
    private const string ToolManifest = ".config/dotnet-tools.json";

    private static readonly string[] Verbosities = ["q", "quiet", "m", "minimal", "n", "normal", "d", "detailed", "diag", "diagnostic"];
    private readonly Dictionary<string, string> _environment = DotnetEnvironment.Of(context);

    public async ValueTask<CompileResult> RunAsync() => await StepsAsync().ConfigureAwait(false) is { } problem ? new CompileFailed(problem) : new Compiled();

    private async ValueTask<string?> StepsAsync()
    {
        context.Output.Heading("SDK version detection");
        context.Output.Detail($"Detected .NET {app.Kind}: {TreeName.Shown(app.Path)}");
        var wanted = GlobalJson.Read(context.Tree, out var problem);
        if (problem is not null)
        {
            return problem;
        }

        var (dotnet, missing) = await DotnetSdks.FindAsync(context, cancellationToken).ConfigureAwait(false);
        if (dotnet is null)
        {
            return missing;
        }

        if (dotnet.Unmet(app, wanted) is { } unmet)
        {
            return unmet;
        }

        context.Output.Detail($"Using .NET SDK {(wanted is null ? dotnet.Sdks.Max() : dotnet.Sdks.Where(wanted.Accepts).Max())}{(wanted is null ? string.Empty : $" for global.json's {wanted.Text}")}");
        if (context.Packages.Offline && context.Packages.NuGet is null)
        {
            context.Output.Detail("There are no NuGet packages among the system's: nuget.org is asked all the same.");
        }

        DotnetEnvironment.WriteMirror(context);
        return await RestoreToolsAsync().ConfigureAwait(false)
            ?? await PublishAsync().ConfigureAwait(false)
            ?? Finish(dotnet);
    }

    private async ValueTask<string?> RestoreToolsAsync()
    {
        if (!context.Tree.HasFile(ToolManifest))
        {
            return null;
        }

        context.Output.Heading("Restore .NET tools");
        return await DotnetAsync(["tool", "restore", "--tool-manifest", ToolManifest]).ConfigureAwait(false);
    }

    private async ValueTask<string?> PublishAsync()
    {
        ImmutableArray<string> command =
        [
            "publish", app.Path, "--runtime", RuntimeInformation.RuntimeIdentifier, "-p:PublishDir=bin/publish", "--artifacts-path", $"{context.Environment["TMPDIR"]}/build_artifacts",
            "--configuration", context.ConfigVars.TryGetValue("BUILD_CONFIGURATION", out var configuration) && configuration.Length > 0 ? configuration : "Release",
        ];
        if (context.ConfigVars.TryGetValue("MSBUILD_VERBOSITY_LEVEL", out var verbosity) && verbosity.Length > 0)
        {
            if (!Verbosities.Contains(verbosity, StringComparer.OrdinalIgnoreCase))
            {
                return $"The config var MSBUILD_VERBOSITY_LEVEL is '{TreeName.Shown(verbosity)}'. Set it to quiet, minimal, normal, detailed or diagnostic.";
            }

            command = command.AddRange("--verbosity", verbosity);
        }

        if (app.Kind == "file-based app" && !app.Projects[0].IsNative)
        {
            // dotnet would compile it to machine code, which needs a C compiler and a large package.
            command = command.Add("-p:PublishAot=false");
        }

        context.Output.Heading("Publish app");
        return await DotnetAsync(command).ConfigureAwait(false);
    }

    private string? Finish(DotnetSdks dotnet)
    {
        context.WriteFile(".profile.d/dotnet.sh", DotnetEnvironment.Profile(dotnet.Root));
        foreach (var (type, command) in DotnetProcessTypes.Of(context.Tree, app))
        {
            context.Output.Detail($"Found {type}: {command}");
        }

        return null;
    }

    private async ValueTask<string?> DotnetAsync(ImmutableArray<string> arguments)
    {
        context.Output.Detail($"Running dotnet {string.Join(' ', arguments)}");
        var exit = await context.RunAsync(["dotnet", .. arguments], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'dotnet {arguments[0]}' ended with status {exit.Status}. What it printed stands above.";
    }
}
