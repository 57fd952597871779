namespace PaaS.Buildpacks;

/// <summary>
/// From a source archive to a slug in the store: unpack, prune, choose buildpacks, detect, compile, read the Procfile, pack. If nothing has changed
/// since the app's last build that succeeded, its slug is used again.
/// </summary>
public sealed class SlugBuilder
{
    private readonly BuildServices _services;

    /// <summary>Makes a builder. It may run several builds at once, but only one of an app.</summary>
    /// <param name="options">Where and within which limits.</param>
    /// <param name="launcher">Starts the commands.</param>
    /// <param name="store">Takes the slugs.</param>
    /// <param name="buildpacks">Who builds; <see langword="null"/> for <see cref="BuildpackRegistry.BuiltIn"/>.</param>
    /// <param name="time">The clock of the time limit; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit of the options is below zero, or the heartbeat is not above it.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine lacks what the slugs' format needs.</exception>
    public SlugBuilder(BuildOptions options, IProcessLauncher launcher, ISlugStore store, BuildpackRegistry? buildpacks = null, TimeProvider? time = null)
        : this(options, launcher, store, buildpacks, null, time)
    {
    }

    internal SlugBuilder(BuildOptions options, IProcessLauncher launcher, ISlugStore store, BuildpackRegistry? buildpacks, IBuildpackSource? foreign, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(store);
        SlugArchive.ThrowIfNotSupported(options.SlugFormat);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxCacheBytes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Heartbeat ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(options));
        time ??= TimeProvider.System;
        _services = new(options, launcher, store, buildpacks ?? BuildpackRegistry.BuiltIn, foreign ?? new ClassicBuildpackSource(options, time), time);
    }

    /// <summary>
    /// Builds. Whatever the end, nothing of the build's directory is left and nothing it started still runs; only a success adds a slug. The app's
    /// cache stays as the build left it, also after a failure.
    /// </summary>
    /// <param name="request">What to build.</param>
    /// <param name="output">Where the build speaks; the reason of a rejection or failure is said there too.</param>
    /// <param name="cancellationToken">Ends the build and kills what it has started.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ProcessStartException">The machine refused to start a command.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public async ValueTask<BuildResult> BuildAsync(BuildRequest request, BuildOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(output);

        // Here, so that nothing that a build says gets around it, whoever made the output.
        using var building = output.Begin(SecretMask.Of(request.ConfigVars, request.Settings), _services.Options.Heartbeat, _services.Time);
        using var deadline = new CancellationTokenSource(_services.Options.Timeout, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        BuildResult result = await RunAsync(request, output, deadline.Token, cancellationToken, either.Token).ConfigureAwait(false) switch
        {
            BuildRejected rejected => rejected with { Reason = output.Masked(rejected.Reason) },
            BuildFailed failed => failed with { Reason = output.Masked(failed.Reason) },
            var succeeded => succeeded,
        };
        output.EndPrograms();
        Explain(result, output);
        return result;
    }

    /// <summary>Removes what builds of an earlier run of the host left. Call it before the first build.</summary>
    public void Sweep()
    {
        if (Directory.Exists(_services.Options.BuildsDirectory))
        {
            foreach (var leftover in Directory.EnumerateFileSystemEntries(_services.Options.BuildsDirectory))
            {
                BuildWorkspace.Remove(_services.Options.BuildsDirectory, Path.GetFileName(leftover));
            }
        }

        BuildCache.Sweep(_services.Options.CachesDirectory);
    }

    /// <summary>
    /// Removes what is kept for an app between builds, what is known of its last build included: the next one builds, whether something has changed
    /// or not. Nothing happens if there is none. Not while the app is being built.
    /// </summary>
    /// <param name="app">The app.</param>
    public void RemoveCache(AppId app) => BuildWorkspace.Remove(_services.Options.CachesDirectory, app.ToString());

    private async ValueTask<BuildResult> RunAsync(BuildRequest request, BuildOutput output, CancellationToken deadline, CancellationToken cancelled, CancellationToken either)
    {
        var workspace = BuildWorkspace.Make(_services.Options, request);
        try
        {
            return await new BuildRun(_services, request, output, workspace).RunAsync(deadline, cancelled, either).ConfigureAwait(false);
        }
        finally
        {
            try
            {
                workspace.Dispose();
            }
            catch (IOException)
            {
                // The slug is stored, or the build has a better reason to have failed; the next sweep removes the rest.
                output.Warning("The build's directory could not be removed in full. Tell the platform's operator: the disk refused it; the host's next start removes the rest.");
            }
        }
    }

    private static void Explain(BuildResult result, BuildOutput output)
    {
        switch (result)
        {
            case BuildRejected rejected:
                // Heroku's hint lines begin with tabs instead of the mark.
                foreach (var line in rejected.Reason.Split('\n'))
                {
                    Action<string> write = line.StartsWith('\t') ? output.Line : output.Error;
                    write(line);
                }

                break;
            case BuildFailed failed:
                output.Error(failed.Reason);
                output.Line(string.Empty);
                output.Error($"Push rejected, failed to compile {failed.Buildpack} app.");
                break;
            default:
                break;
        }
    }
}

/// <summary>What all builds of a builder share.</summary>
internal sealed record BuildServices(
    BuildOptions Options, IProcessLauncher Launcher, ISlugStore Store, BuildpackRegistry Registry, IBuildpackSource Foreign, TimeProvider Time);
