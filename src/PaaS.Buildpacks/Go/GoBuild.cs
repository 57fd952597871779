using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Go build.</summary>
internal sealed class GoBuild(BuildContext context, GoMod module, CancellationToken cancellationToken)
{
    /// <summary>Begins each line of <c>go list</c> that counts, among what it says of downloads.</summary>
    private const string Mark = "paas-main";

    public async ValueTask<CompileResult> RunAsync() => await StepsAsync().ConfigureAwait(false) is { } problem ? new CompileFailed(problem) : new Compiled();

    private async ValueTask<string?> StepsAsync()
    {
        if (context.Tree.HasFile("bin"))
        {
            return "The app has a file 'bin' in its root, where the build makes a directory for the programs. Rename it.";
        }

        context.Output.Heading("Detected go modules via go.mod");
        context.Output.Heading($"Detected Module Name: {module.Module}");
        var (go, problem) = await GoToolchain.FindAsync(context, module, cancellationToken).ConfigureAwait(false);
        if (go is null)
        {
            return problem;
        }

        Warn();
        var workspace = new GoWorkspace(context, module, go, cancellationToken);
        if (await workspace.PrepareAsync().ConfigureAwait(false) is { } unprepared)
        {
            return unprepared;
        }

        workspace.AddLinkerSymbol();
        context.Output.Heading("Determining packages to install");
        var mains = await ListAsync(workspace).ConfigureAwait(false);
        if (mains is null)
        {
            return $"'go list' could not read the app's packages; why stands above.{Advice(workspace)}";
        }

        var before = context.Tree.Files("bin").ToHashSet(StringComparer.Ordinal);
        return await BuildHook.RunAsync(context, "bin/go-pre-compile", workspace.Environment, cancellationToken).ConfigureAwait(false)
            ?? await InstallAsync(workspace, mains).ConfigureAwait(false)
            ?? await BuildHook.RunAsync(context, "bin/go-post-compile", workspace.Environment, cancellationToken).ConfigureAwait(false)
            ?? Finish(mains, before);
    }

    private void Warn()
    {
        foreach (var name in (string[])["GO_INSTALL_TOOLS_IN_IMAGE", "GO_SETUP_GOPATH_FOR_MODULE_CACHE"])
        {
            if (context.ConfigVars.TryGetValue(name, out var value) && value == "true")
            {
                context.Output.Warning($"{name} is set, but the slug gets neither Go nor its modules here: dynos see the machine's own Go.");
            }
        }
    }

    /// <summary>The main packages of the module: their import paths, and the names of their programs.</summary>
    private async ValueTask<List<(string Package, string Program)>?> ListAsync(GoWorkspace workspace)
    {
        var format = $"{{{{if eq .Name \"main\"}}}}{Mark} {{{{.ImportPath}}}} {{{{.Target}}}}{{{{end}}}}";
        var (exit, text) = await context.ReadAsync(
            workspace.Command(["list", "-find", .. workspace.Flags, "-f", format, "./..."]), workspace.Environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        var mains = new List<(string, string)>();
        foreach (var line in text.Split('\n').Where(static l => l.Length > 0))
        {
            if (line.Split(' ', 3) is [Mark, var package, var target])
            {
                mains.Add((package, Path.GetFileName(target)));
            }
            else
            {
                context.Output.Detail(line);
            }
        }

        return exit.Succeeded ? mains : null;
    }

    private async ValueTask<string?> InstallAsync(GoWorkspace workspace, List<(string Package, string Program)> mains)
    {
        ImmutableArray<string> packages = context.ConfigVars.TryGetValue("GO_INSTALL_PACKAGE_SPEC", out var spec) && spec.Trim().Length > 0
            ? [.. spec.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)]
            : module.Install;
        if (packages.IsEmpty && mains.Count > 0)
        {
            context.Output.Heading("Detected the following main packages to install:");
            packages = [.. mains.Select(static main => main.Package)];
            foreach (var package in packages)
            {
                context.Output.Detail(package);
            }
        }
        else if (packages.IsEmpty)
        {
            context.Output.Warning($"No main packages found in module {module.Module}. Installing package '.'; name others in go.mod: // +heroku install ./cmd/...");
            packages = ["."];
        }

        context.Output.Heading($"Running: go install -v {string.Join(' ', workspace.Flags)} {string.Join(' ', packages)}");
        var exit = await context.RunAsync(
            workspace.Command(["install", "-v", .. workspace.Flags, .. packages]), workspace.Environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'go install' ended with status {exit.Status}. What it printed stands above.{Advice(workspace)}";
    }

    private static string Advice(GoWorkspace workspace) => workspace.Dependencies == GoDependencies.System
        ? " This platform builds without a module proxy, from the system's sources. For a module that is not there run 'go mod vendor' and commit vendor/, or have its package installed on the platform's machine (Debian: golang-NAME-dev)."
        : string.Empty;

    private string? Finish(List<(string Package, string Program)> mains, HashSet<string> before)
    {
        var programs = context.Tree.Files("bin");
        context.Output.Heading("Installed the following binaries:");
        foreach (var program in programs.Where(name => !before.Contains(name) || mains.Exists(main => main.Program == name)))
        {
            context.Output.Detail($"./bin/{program}");
        }

        WriteProcfile([.. mains.Select(static main => main.Program).Where(programs.Contains).Distinct(StringComparer.Ordinal)]);
        var gin = module.Requirements.Contains("github.com/gin-gonic/gin") ? "export GIN_MODE=\"${GIN_MODE:-release}\"\n" : string.Empty;
        context.WriteFile(".profile.d/go.sh", $"export PATH=\"$PATH:$HOME/bin\"\n{gin}");
        return null;
    }

    private void WriteProcfile(ImmutableArray<string> programs)
    {
        if (context.Tree.Exists("Procfile") || programs.IsEmpty)
        {
            return;
        }

        var lines = programs.Length == 1
            ? [$"web: bin/{programs[0]}"]
            : programs.Where(static name => ProcessType.TryParse(name, null, out _)).Select(static name => $"{name}: bin/{name}").ToList();
        context.WriteFile("Procfile", string.Join('\n', lines) + "\n");
        context.Output.Heading("Created a Procfile with the following entries:");
        foreach (var line in lines)
        {
            context.Output.Detail(line);
        }

        context.Output.Detail("If these entries look incomplete or incorrect, commit a Procfile with the right ones.");
    }
}
