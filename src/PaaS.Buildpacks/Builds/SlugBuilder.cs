using System.Collections.Immutable;
using System.IO.Pipelines;

namespace PaaS.Buildpacks;

/// <summary>From a source archive to a slug in the store: unpack, prune, detect, compile, read the Procfile, pack.</summary>
public sealed class SlugBuilder
{
    private const long SoftLimit = 300L << 20;
    private readonly BuildOptions _options;
    private readonly BuildpackRegistry _buildpacks;
    private readonly IProcessLauncher _launcher;
    private readonly ISlugStore _store;
    private readonly TimeProvider _time;

    /// <summary>Makes a builder. It may run several builds at once, but only one of an app.</summary>
    /// <param name="options">Where and within which limits.</param>
    /// <param name="launcher">Starts the commands.</param>
    /// <param name="store">Takes the slugs.</param>
    /// <param name="buildpacks">Who builds; <see langword="null"/> for <see cref="BuildpackRegistry.BuiltIn"/>.</param>
    /// <param name="time">The clock of the time limit; <see langword="null"/> for the system's.</param>
    /// <exception cref="PlatformNotSupportedException">The machine lacks what the slugs' format needs.</exception>
    public SlugBuilder(BuildOptions options, IProcessLauncher launcher, ISlugStore store, BuildpackRegistry? buildpacks = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(store);
        SlugArchive.ThrowIfNotSupported(options.SlugFormat);
        _options = options;
        _launcher = launcher;
        _store = store;
        _buildpacks = buildpacks ?? BuildpackRegistry.BuiltIn;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Builds. Whatever the end, nothing of the build's directory is left and nothing it started still runs; only a success adds a slug.</summary>
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
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var workspace = BuildWorkspace.Make(_options, request);
        var build = new Build(this, request, output, workspace);
        var result = await build.RunAsync(deadline.Token, cancellationToken, either.Token).ConfigureAwait(false);
        Explain(result, output);
        return result;
    }

    /// <summary>Removes what builds of an earlier run of the host left. Call it before the first build.</summary>
    public void Sweep()
    {
        if (Directory.Exists(_options.BuildsDirectory))
        {
            foreach (var leftover in Directory.EnumerateFileSystemEntries(_options.BuildsDirectory))
            {
                BuildWorkspace.Remove(_options.BuildsDirectory, Path.GetFileName(leftover));
            }
        }
    }

    /// <summary>Removes what is kept for an app between builds; nothing happens if there is none. Not while the app is being built.</summary>
    /// <param name="app">The app.</param>
    public void RemoveCache(AppId app)
    {
        BuildWorkspace.Remove(_options.CachesDirectory, app.ToString());
        BuildWorkspace.Remove(_options.CachesDirectory, BuildWorkspace.BlocksOf(app));
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

    /// <summary>One build on its way.</summary>
    private sealed class Build(SlugBuilder builder, BuildRequest request, BuildOutput output, BuildWorkspace workspace)
    {
        private const string NothingDetected =
            "No default language could be detected for this app.\n" +
            "\t\t\tHINT: This occurs when Heroku cannot detect the buildpack to use for this application automatically.\n" +
            "\t\t\tSee https://devcenter.heroku.com/articles/buildpacks\n" +
            "\t\t\tThis platform builds a package.json (Node.js), or runs what a Procfile names; put one into the root of the app.";

        private IBuildpack? _buildpack;

        public async ValueTask<BuildResult> RunAsync(CancellationToken deadline, CancellationToken cancelled, CancellationToken either)
        {
            try
            {
                return await RunAsync(either).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancelled.IsCancellationRequested)
            {
                var reason = $"The build timed out after {builder._options.Timeout.TotalMinutes:0.##} minutes. Make it do less, or keep what it makes in the cache.";
                return _buildpack is null ? new BuildRejected(reason) : new BuildFailed(_buildpack.DisplayName, reason);
            }
            catch (BuildpackFailedException e)
            {
                return new BuildFailed(_buildpack!.DisplayName, e.Message);
            }
            catch (SourceRejectedException e)
            {
                return new BuildRejected(e.Message);
            }
            catch (SlugArchiveException e)
            {
                return new BuildRejected(e.Message);
            }
        }

        private async ValueTask<BuildResult> RunAsync(CancellationToken cancellationToken)
        {
            await UnpackAsync(cancellationToken).ConfigureAwait(false);
            output.Heading($"Building on the {Slug.DefaultStack} stack");
            var context = new BuildContext(workspace, request, builder._options, output, builder._launcher, builder._time);
            var matching = await builder._buildpacks.DetectAsync(context, cancellationToken).ConfigureAwait(false);
            if (matching.Count == 0)
            {
                return new BuildRejected(NothingDetected);
            }

            _buildpack = matching[0].Buildpack;
            Announce(matching);
            switch (await _buildpack.CompileAsync(context, cancellationToken).ConfigureAwait(false))
            {
                case Compiled:
                    var release = await _buildpack.ReleaseAsync(context, cancellationToken).ConfigureAwait(false);
                    var declared = DeclaredTypes.Read(context.Tree);
                    if (declared.Problem is { } misdeclared)
                    {
                        return new BuildRejected(misdeclared);
                    }

                    var types = ProcessTypes.Merge(declared, release.DefaultProcessTypes, output);
                    var manifest = Manifests.Read(context, output, out var problem);
                    return problem is not null ? new BuildRejected(problem) : await PackAsync(types, manifest, cancellationToken).ConfigureAwait(false);
                case CompileFailed failed:
                    return new BuildFailed(_buildpack.DisplayName, failed.Reason);
                default:
                    throw new InvalidOperationException($"Buildpack {_buildpack.Id} gave no result.");
            }
        }

        private async ValueTask UnpackAsync(CancellationToken cancellationToken)
        {
            // Pruned while it is still closed to the app's user.
            await SourceArchive.ExtractAsync(
                request.Source, workspace.App, builder._options.SourceLimits, request.StripSingleRoot, request.UserId, Prune, cancellationToken).ConfigureAwait(false);
        }

        private void Prune(string directory)
        {
            if (SlugIgnore.Read(directory) is { } ignore)
            {
                foreach (var warning in ignore.Warnings)
                {
                    output.Warning(warning);
                }

                var removed = ignore.Apply(directory);
                if (removed > 0)
                {
                    output.Heading($"Deleting {removed} files matching .slugignore patterns.");
                }
            }
        }

        private void Announce(IReadOnlyList<DetectedBuildpack> matching)
        {
            if (matching.Count > 1)
            {
                output.Warning($"Several buildpacks can build this app: {string.Join(", ", matching.Select(static b => b.Buildpack.Id))}. The first is used.");
            }

            output.Heading($"Using buildpack: {matching[0].Buildpack.Id}");
            output.Heading($"{matching[0].DisplayName} app detected");
        }

        private async ValueTask<BuildResult> PackAsync(ImmutableSortedDictionary<ProcessType, string> types, AppManifest? manifest, CancellationToken cancellationToken)
        {
            output.Line(string.Empty);
            output.Heading("Compressing...");
            var (packed, id) = await StoreAsync(cancellationToken).ConfigureAwait(false);
            foreach (var name in packed.LeftOut)
            {
                output.Warning($"'{name}' is left out of the slug: it is a socket, a FIFO or a device, or its name is not valid UTF-8.");
            }

            output.Detail($"Done: {ByteCount.Short(packed.Size)}");
            if (packed.CachedBlocks > 0)
            {
                output.Detail($"{packed.CachedBlocks} of {packed.Blocks} blocks unchanged since the last build");
            }

            if (packed.CacheProblem is { } problem)
            {
                output.Warning($"The slug is whole, but the next one may take longer: its blocks could not all be kept. {problem}");
            }

            if (packed.Size > SoftLimit)
            {
                output.Warning($"Your slug size ({packed.Size >> 20} MB) exceeds our soft limit ({SoftLimit >> 20} MB) which may affect boot time.");
            }

            return new BuildSucceeded(new Slug(id, packed.Size, types, request.Commit, _buildpack!.DisplayName, Slug.DefaultStack, manifest));
        }

        /// <summary>Packs straight into the store, which takes the digest on the way: nothing is written or read twice.</summary>
        private async ValueTask<(SlugArchiveResult Packed, SlugId Id)> StoreAsync(CancellationToken cancellationToken)
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, minimumSegmentSize: 64 << 10, useSynchronizationContext: false));
            var storing = TakeAsync();
            SlugArchiveResult packed;
            try
            {
                packed = await SlugArchive.WriteAsync(workspace.App, pipe.Writer.AsStream(leaveOpen: true), workspace.ArchiveOptions, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The store must not take what is there so far for the whole.
                await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
                await ((Task)storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            return (packed, await storing.ConfigureAwait(false));

            async Task<SlugId> TakeAsync()
            {
                try
                {
                    var (id, _) = await builder._store.PutAsync(pipe.Reader.AsStream(leaveOpen: true), cancellationToken).ConfigureAwait(false);
                    return id;
                }
                finally
                {
                    await pipe.Reader.CompleteAsync().ConfigureAwait(false);
                }
            }
        }
    }
}
