using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Node.js build.</summary>
internal sealed class NodejsBuild(BuildContext context, PackageJson package, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, string> _environment = NodejsEnvironment.Of(context);

    public async ValueTask<CompileResult> RunAsync()
    {
        var problem = await CheckEnginesAsync().ConfigureAwait(false)
            ?? await ScriptAsync("heroku-prebuild", "Prebuild").ConfigureAwait(false)
            ?? await InstallAsync().ConfigureAwait(false)
            ?? await BuildAsync().ConfigureAwait(false)
            ?? await PruneAsync().ConfigureAwait(false)
            ?? await ScriptAsync("heroku-cleanup", "Cleanup").ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        context.Output.Line(string.Empty);
        context.Output.Heading("Build succeeded!");
        return new Compiled();
    }

    private async ValueTask<string?> CheckEnginesAsync()
    {
        if (Toolchain.Missing(context, "Node.js", "nodejs npm", "node", "npm") is { } missing)
        {
            return missing;
        }

        context.Output.Heading("Installing binaries");
        var unmet = await CheckEngineAsync("node", package.Node).ConfigureAwait(false);
        var npm = await CheckEngineAsync("npm", package.Npm).ConfigureAwait(false);
        if (npm is not null)
        {
            // Heroku would fetch that npm. A build rarely depends on it, so it goes on.
            context.Output.Warning(npm);
        }

        return unmet;
    }

    /// <summary>What is wrong with a program's version, or null.</summary>
    private async ValueTask<string?> CheckEngineAsync(string program, string? wanted)
    {
        var (exit, text) = await context.ReadAsync([program, "--version"], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded || !SemverVersion.TryParse(text, out var found))
        {
            return $"'{program} --version' ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair Node.js on the platform's machine.";
        }

        context.Output.Detail($"engines.{program} (package.json):   {TreeName.Shown(wanted ?? "unspecified")}");
        context.Output.Detail($"Using {program} {found}");
        if (wanted is null)
        {
            return null;
        }

        if (!SemverRange.TryParse(wanted, out var range))
        {
            return $"engines.{program} in package.json is '{TreeName.Shown(wanted)}', which is no version range. Write one such as \"{found.Major}.x\".";
        }

        return range.Contains(found)
            ? null
            : $"package.json wants {program} '{TreeName.Shown(wanted)}' (engines.{program}), but this platform has {program} {found}. Widen the range, for example to \">={found.Major}\", or have that version installed on the platform's machine.";
    }

    private async ValueTask<string?> InstallAsync()
    {
        context.Output.Line(string.Empty);
        context.Output.Heading("Installing dependencies");
        var locked = context.Tree.HasFile("package-lock.json") || context.Tree.HasFile("npm-shrinkwrap.json");
        foreach (var other in (string[])["yarn.lock", "pnpm-lock.yaml"])
        {
            if (!locked && context.Tree.HasFile(other))
            {
                context.Output.Warning($"{other} is not used: npm installs the dependencies here. Commit a package-lock.json to fix their versions.");
            }
        }

        var command = locked ? "ci" : "install";
        context.Output.Detail($"Installing node modules{(locked ? " (npm ci)" : string.Empty)}");
        return await NpmAsync([command, "--include=dev", "--no-progress"]).ConfigureAwait(false);
    }

    private ValueTask<string?> BuildAsync() =>
        package.Scripts.Contains("heroku-postbuild") ? ScriptAsync("heroku-postbuild", "Build") : ScriptAsync("build", "Build");

    private async ValueTask<string?> PruneAsync()
    {
        context.Output.Line(string.Empty);
        context.Output.Heading("Pruning devDependencies");
        if (NodejsEnvironment.WhyNotPruned(_environment) is { } reason)
        {
            context.Output.Detail($"Skipping because {reason}");
            return null;
        }

        return await NpmAsync(["prune", "--omit=dev", "--no-progress"]).ConfigureAwait(false);
    }

    private async ValueTask<string?> ScriptAsync(string script, string title)
    {
        if (!package.Scripts.Contains(script))
        {
            return null;
        }

        context.Output.Line(string.Empty);
        context.Output.Heading(title);
        context.Output.Detail($"Running {script}");
        return await NpmAsync(["run", script]).ConfigureAwait(false);
    }

    private async ValueTask<string?> NpmAsync(ImmutableArray<string> arguments)
    {
        ImmutableArray<string> command = ["npm", .. arguments, "--cache", Path.Combine(context.CacheDirectory, "npm")];
        var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'npm {string.Join(' ', arguments)}' ended with status {exit.Status}. What it printed stands above.";
    }
}
