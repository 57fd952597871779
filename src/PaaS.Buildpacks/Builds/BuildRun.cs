namespace PaaS.Buildpacks;

/// <summary>One build on its way.</summary>
internal sealed class BuildRun(BuildServices services, BuildRequest request, BuildOutput output, BuildWorkspace workspace)
{
    private readonly BuildMemory _memory = BuildMemory.Read(workspace.Kept.RecordPath);
    private readonly SourceTree _tree = new(workspace.Work, BuildWorkspace.AppName, request.Settings.AppDirectory);
    private BuildpackSequence? _sequence;
    private LastBuild? _last;

    public async ValueTask<BuildResult> RunAsync(CancellationToken deadline, CancellationToken cancelled, CancellationToken either)
    {
        BuildResult? result = null;
        try
        {
            return result = await RunAsync(either).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancelled.IsCancellationRequested)
        {
            return Failed($"The build timed out after {services.Options.Timeout.TotalMinutes:0.##} minutes. Make it do less, or keep what it makes in the cache.");
        }
        catch (BuildpackFailedException e)
        {
            return Failed(e.Message);
        }
        catch (Exception e) when (e is ProcessStartException or TreeException && _sequence is not null && !(workspace.HasApp() && _tree.IsThere))
        {
            return Failed(BuildpackSequence.NoTree);
        }
        catch (Exception e) when (e is SourceRejectedException or SlugArchiveException or UnbuildableException)
        {
            return new BuildRejected(e.Message);
        }
        finally
        {
            if (result is not BuildSucceeded { IsReused: true })
            {
                TrySettleCache(result as BuildSucceeded);
            }
        }
    }

    private BuildResult Failed(string reason) => _sequence?.Current is { } name ? new BuildFailed(name, reason) : new BuildRejected(reason);

    private async ValueTask<BuildResult> RunAsync(CancellationToken cancellationToken)
    {
        var source = await UnpackAsync(cancellationToken).ConfigureAwait(false);
        output.Heading($"Building on the {char.ToUpperInvariant(Slug.DefaultStack[0])}{Slug.DefaultStack.AsSpan(1)} stack");
        if (!_tree.IsThere)
        {
            throw new UnbuildableException($"The app's directory '{request.Settings.AppDirectory}' is not in its source. Commit it, or set another one.");
        }

        var yml = HerokuYml.Read(_tree);
        foreach (var warning in yml?.Diagnostics.Where(static d => !d.IsError) ?? [])
        {
            output.Warning(warning.Text);
        }

        ThrowIf(yml?.Problem);
        var configVars = request.ConfigVars;
        if (yml is { Config.Count: > 0 })
        {
            configVars = configVars.Apply(yml.Config);
            output.Mask(SecretMask.Of(configVars, request.Settings));
        }

        var context = new BuildContext(workspace, request, services.Options, output, services.Launcher, services.Time, configVars);
        var choice = BuildpackChoice.Of(request.Settings, request.ConfigVars, _tree, yml);
        var selection = new BuildpackSelection(services.Registry, services.Foreign, context);
        var selected = choice is null ? await selection.DetectAsync(cancellationToken).ConfigureAwait(false) : await selection.ResolveAsync(choice, cancellationToken).ConfigureAwait(false);
        var key = BuildKey.Of(source, context, services.Options, selected);
        if (_memory.Last is { } last && last.Key == key && await HasSlugAsync(last, cancellationToken).ConfigureAwait(false))
        {
            foreach (var used in last.Buildpacks)
            {
                output.Heading($"{used.DisplayName} app detected");
            }

            output.Heading("No changes since the last build: using its slug again");
            output.Detail($"To build it all the same, purge the build cache first: heroku builds:cache:purge -a {request.AppName}");
            return last.Again(request.Commit, request.Settings.AppDirectory) with { Detected = DetectedOf(choice, selected) };
        }

        if (_memory.CacheBytes > 0)
        {
            output.Heading($"Build cache restored: {ByteCount.Short(_memory.CacheBytes)}");
        }

        selected = await selection.FetchAsync(selected, cancellationToken).ConfigureAwait(false);
        _sequence = new BuildpackSequence(workspace, choice, output);
        return await _sequence.RunAsync(context, selected, cancellationToken).ConfigureAwait(false)
            ?? await FinishAsync(_sequence, selected, choice, key, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<BuildResult> FinishAsync(
        BuildpackSequence sequence, IReadOnlyList<SelectedBuildpack> selected, BuildpackChoice? choice, string key, CancellationToken cancellationToken)
    {
        // Read again: a build may have put another tree in the place of the one that was pushed.
        var yml = HerokuYml.Read(_tree);
        ThrowIf(yml?.Problem);
        var declared = DeclaredTypes.Read(_tree, yml);
        ThrowIf(declared.Problem);
        var types = ProcessTypes.Merge(declared, sequence.Release.DefaultProcessTypes, output);
        var manifest = Manifests.Read(_tree, output, out var problem);
        ThrowIf(problem);
        var (id, size) = await new SlugPacker(services.Store, workspace, output).PackAsync(cancellationToken).ConfigureAwait(false);
        var description = string.Join(", ", sequence.DisplayNames);
        var built = new BuildSucceeded(new Slug(id, size, types, request.Commit, description, Slug.DefaultStack, manifest?.Manifest, request.Settings.AppDirectory))
        {
            Buildpacks = [.. selected.Zip(sequence.DisplayNames, static (buildpack, name) => new BuildpackUse(buildpack.Reference, name, buildpack.Digest))],
            Detected = DetectedOf(choice, selected),
            ConfigVars = sequence.Release.ConfigVars,
            AddOns = sequence.Release.AddOns,
        };
        _last = LastBuild.Of(key, built, manifest?.Text);
        return built;
    }

    private static BuildpackReference? DetectedOf(BuildpackChoice? choice, IReadOnlyList<SelectedBuildpack> selected) =>
        choice is null && selected[0].Buildpack is not ProcfileBuildpack ? selected[0].Reference : null;

    private static void ThrowIf(string? problem)
    {
        if (problem is not null)
        {
            throw new UnbuildableException(problem);
        }
    }

    /// <summary>Unpacks and prunes; gives the digest of what is to be built.</summary>
    private async ValueTask<string> UnpackAsync(CancellationToken cancellationToken)
    {
        var digest = string.Empty;

        // Pruned while it is still closed to the app's user.
        await SourceArchive.ExtractAsync(request.Source, workspace.App, services.Options.SourceLimits, request.StripSingleRoot, request.UserId, Prune, cancellationToken).ConfigureAwait(false);
        workspace.HandOver();
        return digest;

        void Prune(string directory)
        {
            if (request.Settings.Root is { } root && !SourceRoot.Take(directory, root))
            {
                throw new UnbuildableException($"The directory '{root}', which the app's settings name as the root of its source, is not in the source, or is a link. Commit it, or set another one.");
            }

            Ignore(directory, cancellationToken);
            digest = SourceDigest.Of(directory, cancellationToken);
        }
    }

    private void Ignore(string directory, CancellationToken cancellationToken)
    {
        if (SlugIgnore.Read(directory) is not { } ignore)
        {
            return;
        }

        foreach (var warning in ignore.Warnings)
        {
            output.Warning(warning);
        }

        var removed = ignore.Apply(directory, cancellationToken);
        if (removed > 0)
        {
            output.Heading($"Deleting {removed} files matching .slugignore patterns.");
        }
    }

    /// <summary>Whether the store still has a slug, and as it was.</summary>
    private async ValueTask<bool> HasSlugAsync(LastBuild last, CancellationToken cancellationToken)
    {
        if (last.Size > services.Options.MaxSlugBytes)
        {
            return false;
        }

        try
        {
            var archive = await services.Store.OpenAsync(SlugId.Parse(last.Slug), cancellationToken).ConfigureAwait(false);
            await archive.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SlugNotFoundException or SlugChecksumException)
        {
            return false;
        }
    }

    /// <summary>A slug that is stored is not lost for trouble with the cache.</summary>
    private void TrySettleCache(BuildSucceeded? built)
    {
        try
        {
            SettleCache(built);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.Warning("The build cache could not be put in order; the next build may begin without one. Tell the platform's operator: the disk refused to read or write it.");
        }
    }

    /// <summary>Counts the cache, whatever the end, empties it if it is too large, and remembers.</summary>
    private void SettleCache(BuildSucceeded? built)
    {
        var most = services.Options.MaxCacheBytes;
        var bytes = workspace.Kept.Measure(most);
        if (bytes > most)
        {
            workspace.Kept.Empty();
            bytes = 0;
            output.Warning($"The build cache came over {ByteCount.Short(most)} and was emptied: the next build begins without one. Have the build keep less in it, or have the platform's operator raise the limit.");
        }
        else if (built is not null && bytes > 0)
        {
            var kept = Math.Min(_memory.CacheBytes, bytes) * 100 / bytes;
            output.Detail($"Build cache: {ByteCount.Short(bytes)}{(_memory.CacheBytes > 0 ? $", {kept} % of it from earlier builds" : string.Empty)}");
        }

        new BuildMemory(bytes, _last ?? _memory.Last).Write(workspace.Kept.RecordPath);
    }
}
