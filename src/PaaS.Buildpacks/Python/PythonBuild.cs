using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Python build.</summary>
internal sealed class PythonBuild(BuildContext context, CancellationToken cancellationToken)
{
    private bool _isRestored;

    public async ValueTask<CompileResult> RunAsync() => await StepsAsync().ConfigureAwait(false) is { } problem ? new CompileFailed(problem) : new Compiled(Exports());

    private async ValueTask<string?> StepsAsync()
    {
        if (context.FindProgram("bash") is null)
        {
            return Toolchain.Missing(context, "Python", "bash python3-venv python3-pip", "python3", "bash");
        }

        if (await BuildHook.RunAsync(context, "bin/pre_compile", CommandEnvironment.Of(context, [], ["PYTHONHOME"]), cancellationToken).ConfigureAwait(false) is { } broken)
        {
            return broken;
        }

        if (PythonPackageTools.Find(context.Tree, out var problem) is not { } tool || (problem = Existing() ?? PythonInstall.WhyNot(context, tool)) is not null)
        {
            return problem;
        }

        var wanted = PythonVersionRequest.Read(context.Tree, tool, out problem);
        if (problem is not null)
        {
            return problem;
        }

        var (python, missing) = await PythonInterpreter.FindAsync(context, wanted, cancellationToken).ConfigureAwait(false);
        if (python is null)
        {
            return missing;
        }

        Say(wanted, python);
        var requirements = tool == PythonPackageTool.Pip ? RequirementFiles.Read(context.Tree, "requirements.txt") : null;
        var dependencies = requirements?.Text ?? context.Tree.ReadText(PythonPackageTools.FileOf(tool), 16 << 20)!;
        var cache = new PythonCache(context, PythonCache.KeyOf(context, python, tool, dependencies), cancellationToken);
        _isRestored = await cache.RestoreAsync().ConfigureAwait(false);
        return await MakeAsync(python).ConfigureAwait(false)
            ?? await new PythonInstall(context, python, tool, requirements, cancellationToken).RunAsync().ConfigureAwait(false)
            ?? await FinishAsync(cache, python).ConfigureAwait(false);
    }

    private string? Existing()
    {
        if (context.Tree.Exists(PythonEnvironment.Directory))
        {
            return $"The app holds {PythonEnvironment.Directory}, where the build puts what it installs. Remove it from the repository, or from what makes it before this build.";
        }

        return Array.Find((string[])[".venv", "venv"], name => context.Tree.HasFile($"{name}/pyvenv.cfg")) is { } found
            ? $"The app holds the virtual environment '{found}', which works on the machine only where it was made. Remove it ('git rm -r --cached {found}'), and add it to .gitignore."
            : null;
    }

    private void Say(PythonVersionRequest? wanted, PythonInterpreter python)
    {
        context.Output.Heading(wanted is null ? $"Using Python {python.Version}: the app asks for none" : $"Using Python {python.Version} for {TreeName.Shown(wanted.Text)} specified in {wanted.Origin}");
        if (wanted?.Patch is { } patch && patch != python.Version.Build)
        {
            context.Output.Warning($"{wanted.Origin} asks for Python {wanted.Text}; this platform has {python.Version}. Write {python.Version.ToString(2)} to build with what is there.");
        }
        else if (wanted is null)
        {
            context.Output.Warning($"No Python version was specified. Write one ({python.Version.ToString(2)}) into a file .python-version, so that it does not change under the app.");
        }
        else if (wanted.Origin == "runtime.txt")
        {
            context.Output.Warning($"runtime.txt is deprecated. Replace it by a file .python-version that holds {python.Version.ToString(2)}.");
        }
    }

    private async ValueTask<string?> MakeAsync(PythonInterpreter python)
    {
        if (_isRestored)
        {
            return null;
        }

        // pip is not put in: the machine's own fills the environment, and comes to be in it as a script of two lines.
        var isolated = context.Packages.Offline ? ImmutableArray.Create("--system-site-packages") : [];
        var exit = await context.RunAsync(
            [python.Path, "-I", "-m", "venv", "--without-pip", .. isolated, $"{context.AppPath}/{PythonEnvironment.Directory}"], cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? null
            : $"The environment could not be made ('{python.Path} -m venv' ended with status {exit.Status}). Install the module on the platform's machine, for example with 'apt-get install python3-venv'.";
    }

    private async ValueTask<string?> FinishAsync(PythonCache cache, PythonInterpreter python)
    {
        if (!context.Tree.Exists($"{PythonEnvironment.Directory}/bin/pip"))
        {
            context.WriteFile($"{PythonEnvironment.Directory}/bin/pip", PythonEnvironment.Pip(python), executable: true);
        }

        var exit = await context.RunAsync(
            [python.Path, "-I", "-c", PythonEnvironment.Loosen, $"{context.AppPath}/{PythonEnvironment.Directory}"], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            return $"The scripts in {PythonEnvironment.Directory}/bin could not be rewritten (status {exit.Status}); what failed stands above.";
        }

        if (await new DjangoAssets(context, cancellationToken).CollectAsync().ConfigureAwait(false) is { } failed)
        {
            return failed;
        }

        PythonProfile.Write(context);
        if (await BuildHook.RunAsync(context, "bin/post_compile", PythonEnvironment.ForApp(context), cancellationToken).ConfigureAwait(false) is { } broken)
        {
            return broken;
        }

        if (!_isRestored)
        {
            await cache.SaveAsync().ConfigureAwait(false);
        }

        return null;
    }

    private ImmutableSortedDictionary<string, string> Exports() => ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("PATH", $"{context.AppPath}/{PythonEnvironment.Directory}/bin:{context.Environment["PATH"]}"),
        KeyValuePair.Create("PYTHONUNBUFFERED", "1"),
        KeyValuePair.Create("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ]);
}
