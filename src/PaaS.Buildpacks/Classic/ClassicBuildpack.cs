using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// A classic buildpack: scripts that answer Heroku's buildpack API. This one is a copy for one build, and stays as it was written:
/// <code>
/// bin/detect  BUILD_DIR                      does it apply, and under which name
/// bin/compile BUILD_DIR CACHE_DIR ENV_DIR    builds
/// bin/report  BUILD_DIR CACHE_DIR ENV_DIR    what it measured, for the platform; also after a failure
/// export                                     variables for the buildpacks after it, a script of bash
/// bin/release BUILD_DIR                      process types, config vars, add-ons
/// </code>
/// </summary>
/// <param name="id">How the app names it.</param>
/// <param name="name">Its name until it says one itself.</param>
/// <param name="root">Its root, on the host and for its scripts.</param>
/// <param name="time">The clock of the time limit of bin/report.</param>
internal sealed class ClassicBuildpack(string id, string name, string root, TimeProvider time) : IBuildpack
{
    private const int MaxDetectBytes = 16 * 1024;
    private const int MaxExportBytes = 256 * 1024;
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(30);

    public string Id => id;

    public string DisplayName { get; private set; } = name;

    public async ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var said = await Of(context, out _).ReadAsync("detect", [context.BuildDirectory], MaxDetectBytes, cancellationToken).ConfigureAwait(false);
        var name = ScriptText.Name(said.Text);
        if (!said.Exit.Succeeded)
        {
            var reason = ScriptText.Plain(said.Error) is { Length: > 0 } error ? error : ScriptText.Plain(said.Text);
            return Detection.No(reason.Length > 0 ? reason : $"Its bin/detect ended with status {said.Exit.Status} and gave no reason.");
        }

        if (name.Length == 0)
        {
            return Detection.No("Its bin/detect succeeded but printed no name, which counts as a no. Have it print the name of what it has found.");
        }

        DisplayName = name;
        return new Detection(true, DisplayName: name);
    }

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var scripts = Of(context, out var directories);
        ImmutableArray<string> arguments = [context.BuildDirectory, directories.Cache, directories.Variables];
        var exit = await scripts.CompileAsync(arguments, cancellationToken).ConfigureAwait(false);
        await ReportAsync(scripts, arguments, cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? await ExportAsync(scripts, cancellationToken).ConfigureAwait(false)
            : new CompileFailed($"The bin/compile of buildpack {TreeName.Shown(id)} ended with status {exit.Status}. What it printed says why.");
    }

    public async ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var scripts = Of(context, out _);
        if (!scripts.Has("release"))
        {
            return BuildpackRelease.Empty;
        }

        var said = await scripts.ReadAsync("release", [context.BuildDirectory], YamlText.MaxLength, cancellationToken).ConfigureAwait(false);
        if (!said.Exit.Succeeded || said.IsCut)
        {
            var why = said.IsCut ? $"printed more than {ByteCount.Short(YamlText.MaxLength)}" : $"ended with status {said.Exit.Status}";
            throw new BuildpackFailedException($"The bin/release of buildpack {TreeName.Shown(id)} {why}.{(ScriptText.Plain(said.Error) is { Length: > 0 } error ? $"\n{error}" : "")}");
        }

        try
        {
            return ReleaseYaml.Read(said.Text);
        }
        catch (InvalidDataException e)
        {
            throw new BuildpackFailedException($"What the bin/release of buildpack {TreeName.Shown(id)} prints can't be used. {e.Message}");
        }
    }

    private ClassicScripts Of(BuildContext context, out ClassicDirectories directories)
    {
        directories = ClassicDirectories.Of(context);
        return new ClassicScripts(context, directories, root);
    }

    /// <summary>
    /// A report is for the authors of the buildpack, who are not here; but scripts keep what they measured for the next build. Whatever
    /// becomes of it, the build goes on.
    /// </summary>
    private async ValueTask ReportAsync(ClassicScripts scripts, ImmutableArray<string> arguments, CancellationToken cancellationToken)
    {
        if (!scripts.Has("report"))
        {
            return;
        }

        using var timer = new CancellationTokenSource(ReportTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await scripts.ReadAsync("report", arguments, 0, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It took too long.
        }
    }

    private async ValueTask<CompileResult> ExportAsync(ClassicScripts scripts, CancellationToken cancellationToken)
    {
        if (!scripts.Tree.HasFile("export"))
        {
            return new Compiled();
        }

        var said = await scripts.SourceAsync("export", MaxExportBytes, cancellationToken).ConfigureAwait(false);
        if (said.IsCut || !said.Exit.Succeeded || said.Text.Split("\0\0", 2) is not [var before, { Length: > 0 } after])
        {
            var why = said.IsCut ? $"sets more than {ByteCount.Short(MaxExportBytes)} of variables" : $"ended the shell that read it, with status {said.Exit.Status}";
            return new CompileFailed($"The file 'export' of buildpack {TreeName.Shown(id)} {why}, so the buildpacks after it can't have its variables.{(ScriptText.Plain(said.Error) is { Length: > 0 } error ? $"\n{error}" : "")}");
        }

        return new Compiled(ClassicEnvironment.Changes(Variables(before), Variables(after)));
    }

    private static Dictionary<string, string> Variables(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(static text => text.Split('=', 2)).Where(static pair => pair.Length == 2))
        {
            variables[pair[0]] = pair[1];
        }

        return variables;
    }
}
