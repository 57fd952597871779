using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Installs a Python app's dependencies into its environment.</summary>
internal sealed class PythonInstall(BuildContext context, PythonInterpreter python, PythonPackageTool tool, RequirementFiles? requirements, CancellationToken cancellationToken)
{
    /// <summary>The folder of an app's own wheels for an offline build.</summary>
    private const string Wheelhouse = "wheelhouse";

    /// <summary>Says which packages are not there, or don't import.</summary>
    private const string ImportAll = """
        import importlib, importlib.metadata as metadata, sys
        failed = []
        for name in sys.argv[1:]:
            try:
                distribution = metadata.distribution(name)
                modules = (distribution.read_text("top_level.txt") or "").split()
                if not modules:
                    files = distribution.files or []
                    modules = sorted({f.parts[0][:-3] if f.parts[0].endswith(".py") else f.parts[0] for f in files if f.name.endswith(".py") and ".." not in f.parts and "-" not in f.parts[0]})
                for module in modules:
                    if not module.startswith("_"):
                        importlib.import_module(module)
            except Exception as error:
                failed.append(f"{name} ({type(error).__name__}: {error})")
        if failed:
            sys.exit("These do not import: " + ", ".join(failed))
        """;

    /// <summary>
    /// The programs of packages that the system has (gunicorn) would run outside the app's environment, and not see what only that has. Gives the
    /// environment its own.
    /// </summary>
    private const string AddPrograms = """
        import importlib.metadata as metadata, os, sys
        programs = os.path.join(sys.argv[1], "bin")
        for name in sys.argv[2:]:
            for entry in metadata.distribution(name).entry_points:
                path = os.path.join(programs, entry.name)
                if entry.group == "console_scripts" and os.path.basename(entry.name) == entry.name and not os.path.lexists(path):
                    with open(path, "w") as file:
                        file.write(f"#!{programs}/python\nimport sys\nfrom {entry.module} import {entry.attr.split('.')[0]}\nsys.exit({entry.attr}())\n")
                    os.chmod(path, 0o755)
        """;

    private readonly Dictionary<string, string> _environment = PythonEnvironment.ForInstall(context);

    /// <summary>Why the tool can't be used, or null. Asked before anything is done.</summary>
    public static string? WhyNot(BuildContext context, PythonPackageTool tool)
    {
        if (tool == PythonPackageTool.Pip)
        {
            return null;
        }

        var name = tool.ToString().ToLowerInvariant();
        var file = PythonPackageTools.FileOf(tool);
        return context.Packages.Offline
            ? $"This platform builds from its own system's packages, and {name} can't. Replace {file} by a requirements.txt."
            : context.FindProgram(name) is null
                ? $"The app has a {file}, but this platform has no {name}. Have {name} installed on the platform's machine, or write the dependencies into a requirements.txt and remove {file}."
                : null;
    }

    /// <summary>Installs.</summary>
    /// <returns>What went wrong, or null.</returns>
    public ValueTask<string?> RunAsync() => tool switch
    {
        PythonPackageTool.Pip when context.Packages.Offline => OfflineAsync(),
        PythonPackageTool.Pip => PipAsync([]),
        PythonPackageTool.Pipenv => ForeignAsync(["pipenv", "install", "--deploy"], new()
        {
            ["PIPENV_VERBOSITY"] = "-1",
            ["PIPENV_NOSPIN"] = "1",
            ["PIPENV_CACHE_DIR"] = Path.Combine(context.CacheDirectory, "pipenv"),
            ["PIP_SRC"] = $"{context.AppPath}/{PythonEnvironment.Directory}/src",
        }),
        PythonPackageTool.Poetry => PoetryAsync(),
        _ => ForeignAsync(["uv", "sync", "--locked", "--no-default-groups", "--compile-bytecode", "--no-progress"], new()
        {
            ["UV_PROJECT_ENVIRONMENT"] = $"{context.AppPath}/{PythonEnvironment.Directory}",
            ["UV_PYTHON"] = PythonEnvironment.Program(context, "python"),
            ["UV_PYTHON_DOWNLOADS"] = "never",
            ["UV_NO_MANAGED_PYTHON"] = "1",
            ["UV_LINK_MODE"] = "copy",
            ["UV_CACHE_DIR"] = Path.Combine(context.CacheDirectory, "uv"),
        }),
    };

    private async ValueTask<string?> PipAsync(ImmutableArray<string> options)
    {
        context.Output.Heading($"Installing dependencies using 'pip install {string.Join(' ', options.Add("-r requirements.txt"))}'");
        var exit = await context.RunAsync(Pip(options), _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"pip could not install what requirements.txt asks for (status {exit.Status}). What it printed stands above.";
    }

    /// <summary>
    /// As declared if the system's packages and the app's wheels allow it. Distributions patch their packages so that they work with versions
    /// that these don't declare: then what the app itself asks for has to be there and to import, and that is all.
    /// </summary>
    private async ValueTask<string?> OfflineAsync()
    {
        ImmutableArray<string> options = ["--no-index", "--no-build-isolation"];
        if (context.Tree.HasDirectory(Wheelhouse))
        {
            options = options.AddRange("--find-links", Wheelhouse);
        }

        if (await PipAsync(options).ConfigureAwait(false) is null)
        {
            return await AddProgramsAsync().ConfigureAwait(false);
        }

        context.Output.Line(string.Empty);
        context.Output.Warning("The system's packages don't meet all declared versions of dependencies. Trying without those of dependencies of dependencies.");
        var problem = await PipAsync(options.Add("--no-deps")).ConfigureAwait(false);
        if (problem is null && !await PythonAsync(ImportAll, []).ConfigureAwait(false))
        {
            problem = "What requirements.txt asks for does not work with the system's packages; what fails stands above.";
        }

        return problem is null
            ? await AddProgramsAsync().ConfigureAwait(false)
            : $"{problem} This platform builds without a package index: have the packages installed on its machine (Debian: python3-NAME), allow their versions in requirements.txt, or commit wheels to {Wheelhouse}/.";
    }

    private async ValueTask<string?> AddProgramsAsync() =>
        await PythonAsync(AddPrograms, [$"{context.AppPath}/{PythonEnvironment.Directory}"]).ConfigureAwait(false)
            ? null
            : "The programs of the system's packages could not be put into the app's environment; why stands above.";

    /// <summary>Runs a script in the environment, with the names of what requirements.txt asks for behind its arguments.</summary>
    private async ValueTask<bool> PythonAsync(string script, ImmutableArray<string> arguments)
    {
        if (requirements is not { Names.Count: > 0 })
        {
            return true;
        }

        ImmutableArray<string> command = [PythonEnvironment.Program(context, "python"), "-I", "-c", script, .. arguments, .. requirements.Names];
        var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded;
    }

    private async ValueTask<string?> PoetryAsync()
    {
        var (_, version) = await context.ReadAsync(["poetry", "--version", "--no-ansi"], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);

        // 'poetry sync' came with 2.0.
        var isOld = version.Contains("version 1.", StringComparison.Ordinal) || version.Contains("version 0.", StringComparison.Ordinal);
        ImmutableArray<string> command = isOld ? ["poetry", "install", "--sync", "--no-root"] : ["poetry", "sync"];
        return await ForeignAsync([.. command, "--only", "main", "--compile", "--no-ansi", "--no-interaction"], new()
        {
            ["POETRY_VIRTUALENVS_CREATE"] = "false",
            ["POETRY_VIRTUALENVS_USE_POETRY_PYTHON"] = "true",
            ["POETRY_CACHE_DIR"] = Path.Combine(context.CacheDirectory, "poetry"),
        }).ConfigureAwait(false);
    }

    private async ValueTask<string?> ForeignAsync(ImmutableArray<string> command, Dictionary<string, string> settings)
    {
        foreach (var (name, value) in settings.Append(new("VIRTUAL_ENV", $"{context.AppPath}/{PythonEnvironment.Directory}")))
        {
            _environment[name] = value;
        }

        var shown = string.Join(' ', command);
        context.Output.Heading($"Installing dependencies using '{shown}'");
        var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'{shown}' ended with status {exit.Status}. What it printed stands above; often the lock file is older than the file it belongs to.";
    }

    private ImmutableArray<string> Pip(ImmutableArray<string> options) =>
    [
        python.Path, "-I", "-m", "pip", "--python", PythonEnvironment.Program(context, "python"), "install", .. options, "-r", "requirements.txt",
        "--exists-action=w", $"--src={context.AppPath}/{PythonEnvironment.Directory}/src",
    ];
}
