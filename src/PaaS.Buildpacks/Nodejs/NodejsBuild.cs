using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Node.js build.</summary>
internal sealed class NodejsBuild(BuildContext context, PackageJson package, NodePackageManager manager, CancellationToken cancellationToken)
{
    private const int MaxVersionFileBytes = 4096;
    private static readonly SemverVersion s_focusIsBuiltIn = new(4, 0, 0);
    private readonly Dictionary<string, string> _environment = Of(context, manager);
    private readonly NodeModulesCache _modules = new(context, cancellationToken);
    private readonly KeptDirectories _kept = new(context, "node-directories", cancellationToken);
    private SemverVersion _node;
    private SemverVersion? _managerVersion;
    private PackageLock? _lock;

    public async ValueTask<CompileResult> RunAsync()
    {
        var problem = await CheckEnginesAsync().ConfigureAwait(false)
            ?? await ScriptAsync("heroku-prebuild", "Prebuild").ConfigureAwait(false)
            ?? await InstallAsync().ConfigureAwait(false)
            ?? await BuildAsync().ConfigureAwait(false)
            ?? await KeepAsync().ConfigureAwait(false)
            ?? await PruneAsync().ConfigureAwait(false)
            ?? await ScriptAsync("heroku-cleanup", "Cleanup").ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        context.WriteFile(".profile.d/nodejs.sh", NodejsEnvironment.Profile);
        context.Output.Line(string.Empty);
        context.Output.Heading("Build succeeded!");
        var path = $"{context.Environment["PATH"]}:{context.AppPath}/node_modules/.bin";
        return new Compiled(ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("PATH", path)]));
    }

    private static Dictionary<string, string> Of(BuildContext context, NodePackageManager manager)
    {
        var environment = NodejsEnvironment.Of(context);
        foreach (var (name, value) in manager.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private async ValueTask<string?> CheckEnginesAsync()
    {
        if (Toolchain.Missing(context, "Node.js", "nodejs npm", "node") is { } missing)
        {
            return missing;
        }

        if (context.FindProgram(manager.Program[0]) is null)
        {
            return manager.Name == "npm"
                ? Toolchain.Missing(context, "npm", "npm", "npm")
                : $"The app has a {manager.LockFile}, but this platform has no {manager.Name}, and installs none by itself. Have it installed on the platform's machine ('npm install --global {manager.Name}')"
                    + (manager.Name == "yarn" ? ", commit Yarn itself ('yarn set version stable', which writes .yarn/releases and yarnPath)," : ",")
                    + $" or replace {manager.LockFile} by a package-lock.json ('npm install').";
        }

        context.Output.Heading("Installing binaries");
        var (node, problem) = await VersionAsync("node", ["node"]).ConfigureAwait(false);
        if (node is null)
        {
            return problem;
        }

        _node = node.Value;
        TellVersionFiles();
        if (Check("node", package.Node, _node) is { } unmet)
        {
            return unmet;
        }

        // Asking for its version takes npm longer than many a build without it.
        return manager is { Name: "npm", Wanted: null } ? null : await CheckManagerAsync().ConfigureAwait(false);
    }

    private async ValueTask<string?> CheckManagerAsync()
    {
        (_managerVersion, var problem) = await VersionAsync(manager.Name, manager.Program).ConfigureAwait(false);
        if (_managerVersion is not { } version)
        {
            return problem;
        }

        if (Check(manager.Name, manager.Wanted, version) is { } unmet)
        {
            // Heroku would fetch that version. A build rarely depends on it, so it goes on.
            context.Output.Warning(unmet);
        }

        return manager.IsBerry && version.Major < 2
            ? $"yarn.lock is one of Yarn 2 or later, but this platform has yarn {version}. Commit Yarn with the app ('yarn set version stable', which writes .yarn/releases and yarnPath)."
            : null;
    }

    private async ValueTask<(SemverVersion? Version, string? Problem)> VersionAsync(string name, ImmutableArray<string> program)
    {
        var (exit, text) = await context.ReadAsync([.. program, "--version"], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded && SemverVersion.TryParse(text, out var found)
            ? (found, null)
            : (null, $"'{name} --version' ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair {name} on the platform's machine.");
    }

    /// <summary>What is wrong with a program's version, or null.</summary>
    private string? Check(string program, string? wanted, SemverVersion found)
    {
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

    /// <summary>Heroku looks at engines.node alone; who counts on another file must learn that.</summary>
    private void TellVersionFiles()
    {
        foreach (var file in (string[])[".nvmrc", ".node-version"])
        {
            string? text;
            try
            {
                text = context.Tree.ReadText(file, MaxVersionFileBytes)?.Trim();
            }
            catch (InvalidDataException)
            {
                continue;
            }

            if (text is { Length: > 0 } && package.Node is null && !(SemverRange.TryParse(text, out var range) && range.Contains(_node)))
            {
                context.Output.Warning($"{file} says '{TreeName.Shown(text)}'; it is not followed. This platform has node {_node}; only engines.node in package.json is checked.");
            }
        }
    }

    private async ValueTask<string?> InstallAsync()
    {
        context.Output.Line(string.Empty);
        context.Output.Heading("Installing dependencies");
        if (NodejsEnvironment.IsCached(_environment))
        {
            await _kept.RestoreAsync(package.CacheDirectories).ConfigureAwait(false);
        }

        _lock = manager.Name == "npm" ? PackageLock.Read(context.Tree) : null;
        var key = NodeModulesCache.KeyOf(package, _lock, context.Tree, _node.ToString(), _environment);
        if (key is not null && await _modules.TryRestoreAsync(key).ConfigureAwait(false))
        {
            context.Output.Detail($"Using node_modules of an earlier build: neither {manager.LockFile} nor Node.js has changed");
            return null;
        }

        context.Output.Detail($"Installing node modules ({manager.Name} {manager.Install[0]}{(manager.LockFile is null ? ", without a lock file" : string.Empty)})");
        var problem = await ManagerAsync(manager.Install).ConfigureAwait(false);
        if (problem is null && key is not null)
        {
            await _modules.StoreAsync(key).ConfigureAwait(false);
        }

        return problem;
    }

    private ValueTask<string?> BuildAsync() =>
        package.Scripts.Contains("heroku-postbuild") ? ScriptAsync("heroku-postbuild", "Build") : ScriptAsync("build", "Build");

    private async ValueTask<string?> KeepAsync()
    {
        if (NodejsEnvironment.IsCached(_environment))
        {
            await _kept.StoreAsync(package.CacheDirectories).ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask<string?> PruneAsync()
    {
        context.Output.Line(string.Empty);
        context.Output.Heading("Pruning devDependencies");
        var reason = NodejsEnvironment.WhyNotPruned(_environment)
            ?? (_lock is { HasDevelopment: false, HasLinks: false } ? $"{manager.LockFile} has none" : null)
            ?? (manager.IsBerry && _managerVersion is { } version && version.CompareTo(s_focusIsBuiltIn) < 0 && !context.Tree.HasFile(".yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs")
                ? $"Yarn {version} needs the plugin workspace-tools for it ('yarn plugin import workspace-tools')" : null);
        if (reason is not null)
        {
            context.Output.Detail($"Skipping because {reason}");
            return null;
        }

        return await ManagerAsync(manager.Prune).ConfigureAwait(false);
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
        return await ManagerAsync(["run", script]).ConfigureAwait(false);
    }

    private async ValueTask<string?> ManagerAsync(ImmutableArray<string> arguments)
    {
        ImmutableArray<string> command = [.. manager.Program, .. arguments, .. manager.Options];
        var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'{manager.Name} {string.Join(' ', arguments)}' ended with status {exit.Status}. What it printed stands above.";
    }
}
