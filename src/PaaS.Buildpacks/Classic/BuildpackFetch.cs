namespace PaaS.Buildpacks;

/// <summary>Fetches one buildpack for one build; each try from the beginning.</summary>
internal sealed class BuildpackFetch(BuildpackReference reference, BuildContext context, BuildOptions options, TimeProvider time)
{
    /// <summary>A tarball as it is downloaded. Unpacked it may have as much as a repository.</summary>
    private const long MaxArchiveBytes = 256L << 20;

    private static readonly SourceLimits Limits = new() { TotalBytes = BuildpackGit.MaxBytes, Entries = 100_000 };
    private readonly ClassicDirectories _directories = ClassicDirectories.Of(context);

    /// <summary>Fetches it.</summary>
    /// <exception cref="BuildpackFetchException">It could not be had.</exception>
    public async ValueTask<FetchedBuildpack> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var directory = _directories.NewBuildpack();
        var digest = reference.Kind switch
        {
            BuildpackKind.Folder => await CopyAsync(directory, cancellationToken).ConfigureAwait(false),
            BuildpackKind.Archive => await UnpackAsync(directory, timeout, cancellationToken).ConfigureAwait(false),
            BuildpackKind.Git => await CloneAsync(reference.Location, directory, timeout, cancellationToken).ConfigureAwait(false),
            _ => await CloneAsync(BuildpackNames.Repository(reference.Location), directory, timeout, cancellationToken).ConfigureAwait(false),
        };
        return new FetchedBuildpack(new ClassicBuildpack(reference.Text, BuildpackNames.Display(reference), BuildpackRoot.Find(directory), time), digest);
    }

    private async ValueTask<string> CopyAsync(string directory, CancellationToken cancellationToken)
    {
        try
        {
            return await CopyFolderAsync(directory, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw Failed($"{e.Message}. Ask the operator for a smaller one.");
        }
    }

    private async ValueTask<string> CopyFolderAsync(string directory, CancellationToken cancellationToken)
    {
        using var folder = BuildpackFolder.Open(reference.Location, options.BuildpackRoots) ?? throw Failed(
            "there is no such folder below a directory that the platform's operator lists for buildpacks, or the way to it leads over a symbolic link. Ask the operator for the right path.");
        using var repository = folder.OpenRepository();
        if (repository is null)
        {
            if (reference.Ref is not null)
            {
                throw Failed($"the folder is no git repository, so it has no '{TreeName.Shown(reference.Ref)}'. Leave the part from # on out.");
            }

            using var fresh = FreshDirectory.Make(directory);
            var digest = TreeCopy.Run(folder.Directory, fresh.Root, context.UserId, BuildpackGit.MaxBytes, cancellationToken);
            fresh.Keep(context.UserId);
            return $"sha256:{digest}";
        }

        // Git will only read what belongs to the user it runs as, and that user may not be able to read the operator's.
        var copy = directory + ".git";
        using (var fresh = FreshDirectory.Make(copy))
        {
            TreeCopy.Run(repository, fresh.Root, context.UserId, BuildpackGit.MaxBytes, cancellationToken);
            fresh.Keep(context.UserId);
        }

        try
        {
            return await CheckOutAsync(directory, (git, to) => git.FetchAsync(copy, reference.Ref, to, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            BuildWorkspace.Remove(Path.GetDirectoryName(copy)!, Path.GetFileName(copy));
        }
    }

    private async ValueTask<string> UnpackAsync(string directory, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var body = await Outbound.OpenAsync(new Uri(reference.Location), MaxArchiveBytes, timeout, cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                using var hashing = new HashingStream(body);
                using var fresh = FreshDirectory.Make(directory);
                using (var extraction = new ArchiveExtraction(fresh.Root, Limits, context.UserId))
                {
                    await extraction.RunAsync(hashing, static path => path, cancellationToken).ConfigureAwait(false);
                }

                var digest = await hashing.FinishAsync(cancellationToken).ConfigureAwait(false);
                if (reference.Sha256 is { } wanted && wanted != digest)
                {
                    throw Failed($"the file there has the digest sha256={digest}. If that is the one you want, write this digest; if not, somebody has changed the file.");
                }

                fresh.Keep(context.UserId);
                return $"sha256:{digest}";
            }
        }
        catch (SourceRejectedException e)
        {
            throw Failed($"it can't be unpacked. {e.Message}");
        }
        catch (IOException e) when (e is not TreeException)
        {
            throw new BuildpackFetchException(e.Message, e is OutboundUrlException { IsFinal: true });
        }
    }

    private async ValueTask<string> CloneAsync(string repository, string directory, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Where git itself will ask first. It takes no redirect, so they are followed here.
        const string Question = "/info/refs";
        var builder = new UriBuilder(repository);
        if (builder.Query.Length > 0)
        {
            throw Failed("the address of a git repository has no part behind '?'.");
        }

        builder.Path = builder.Path.TrimEnd('/') + Question;
        builder.Query = "service=git-upload-pack";
        PinnedUrl found;
        try
        {
            found = await Outbound.ResolveAsync(builder.Uri, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (OutboundUrlException e)
        {
            throw new BuildpackFetchException($"{e.Message} It must be a public git repository behind https.", e.IsFinal);
        }

        if (found.Url.Scheme != Uri.UriSchemeHttps || !found.Url.AbsolutePath.EndsWith(Question, StringComparison.Ordinal))
        {
            throw Failed("the address leads to something else than a git repository behind https.");
        }

        var url = new UriBuilder(found.Url) { Host = found.Url.IdnHost, Path = found.Url.AbsolutePath[..^Question.Length], Query = string.Empty };
        return await CheckOutAsync(directory, (git, to) => git.FetchAsync(found with { Url = url.Uri }, reference.Ref, to, cancellationToken)).ConfigureAwait(false);
    }

    private async ValueTask<string> CheckOutAsync(string directory, Func<BuildpackGit, string, ValueTask<GitFetch>> fetch)
    {
        if (Toolchain.Missing(context, "git", "git", "git") is { } missing)
        {
            throw Failed(missing);
        }

        BuildWorkspace.MakeOwned(directory, context.UserId);
        var fetched = await fetch(new BuildpackGit(context, _directories), directory).ConfigureAwait(false);
        if (fetched.Commit is null)
        {
            // Each try begins in an empty directory.
            BuildWorkspace.Remove(Path.GetDirectoryName(directory)!, Path.GetFileName(directory));
            throw new BuildpackFetchException(
                $"git could not fetch {(reference.Ref is null ? "it" : $"'{TreeName.Shown(reference.Ref)}'")}: {fetched.Failure}",
                fetched.Failure!.Contains("couldn't find remote ref", StringComparison.Ordinal));
        }

        return !reference.IsPinned || fetched.Commit == reference.Ref
            ? fetched.Commit
            : throw Failed($"the repository gave commit {TreeName.Shown(fetched.Commit)} for {reference.Ref}.");
    }

    private IOutboundGuard Outbound => options.Outbound ?? throw Failed("this platform fetches no buildpacks from the network. Ask its operator.");

    private static BuildpackFetchException Failed(string why) => new(why, isFinal: true);
}
