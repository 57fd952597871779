namespace PaaS.Hosting;

public sealed partial class Platform
{
    private static readonly Refusal NoSuchBuild = new(RefusalCode.NotFound, "Couldn't find that build.");

    /// <summary>The newest builds of an app, oldest first; at most <see cref="BuildHistory.Kept"/> that have ended.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<IReadOnlyList<Build>> ListBuilds(Actor actor, string app) =>
        Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal) ? Outcome.Of<IReadOnlyList<Build>>(hosted.Builds.List()) : refusal;

    /// <summary>A build.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="build">The build.</param>
    public Outcome<Build> FindBuild(Actor actor, string app, Guid build)
    {
        if (!Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return hosted.Builds.Find(build) is { } found ? found : NoSuchBuild;
    }

    /// <summary>A build's output, from its first line; it ends with the build.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="build">The build.</param>
    public Outcome<LogStream> OpenBuildOutput(Actor actor, string app, Guid build)
    {
        if (!Enter(actor, AccessAction.ReadLogs, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return hosted.Builds.OpenOutput(build) is { } output ? output : NoSuchBuild;
    }

    /// <summary>Builds and releases a source archive. Returns when the build is queued, and on record.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="openSource">Opens the source, a tar or tar.gz; called once, when the build's turn has come.</param>
    /// <param name="version">What the source is called: a commit, or any text of at most 100 printable characters.</param>
    public async Task<Outcome<Build>> StartBuildAsync(Actor actor, string app, Func<CancellationToken, ValueTask<Stream>> openSource, string? version)
    {
        if (!Enter(actor, AccessAction.Deploy, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var parts = Running;
        BuildRecord record;
        try
        {
            record = await hosted.Builds.AddAsync(actor, version);
        }
        catch (ObjectDisposedException)
        {
            return new Refusal(RefusalCode.Conflict, "The app is being taken off the host. Nothing is built any more.");
        }

        var deployment = new Deployment { By = actor, CommandId = record.Build.Id, OpenSource = openSource, Commit = version, StripSingleRoot = true };
        var queued = record.Build;
        parts.Background.Run(token => parts.Pipeline.RunAsync(hosted, deployment, record, static _ => { }, token));
        return queued;
    }

    /// <summary>Cancels a build that waits or runs. What it started is killed, whoever waits for it is told, and nothing of it is left when this returns.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="build">The build.</param>
    /// <param name="cancellationToken">Gives up the wait; the build ends all the same.</param>
    /// <returns>The build at its end. A conflict if it has ended already, or its release is getting ready.</returns>
    public async Task<Outcome<Build>> CancelBuildAsync(Actor actor, string app, Guid build, CancellationToken cancellationToken = default)
    {
        if (!Enter(actor, AccessAction.Deploy, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        if (hosted.Builds.Find(build) is not { } found)
        {
            return NoSuchBuild;
        }

        if (hosted.Builds.FindLive(build) is not { } record || !record.TryCancel(actor))
        {
            found = hosted.Builds.Find(build) ?? found;
            return new Refusal(RefusalCode.Conflict, found.HasEnded
                ? $"Only a build that waits or runs can be cancelled. This one is {BuildEventCodec.NameOf(found.Status)}."
                : "It is too late to cancel this build: its release is getting ready. Roll back when it has succeeded.");
        }

        return await record.Ended.WaitAsync(cancellationToken);
    }

    /// <summary>Removes what is kept for an app between builds. The next build makes everything anew.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <returns>The app. A conflict while a build of it runs.</returns>
    public async Task<Outcome<App>> PurgeBuildCacheAsync(Actor actor, string app)
    {
        if (!Enter(actor, AccessAction.Deploy, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        if (!await hosted.CacheGate.WaitAsync(TimeSpan.Zero))
        {
            return new Refusal(RefusalCode.Conflict, "A build of this app is running and works with the cache. Purge it when the build has ended, or cancel the build.");
        }

        try
        {
            if (Running.Builder is { } builder)
            {
                await Task.Run(() => builder.RemoveCache(hosted.Id));
            }

            return hosted.App;
        }
        finally
        {
            hosted.CacheGate.Release();
        }
    }

    /// <summary>Changes how an app is built. No release is made; the next build follows it.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The app after the change.</returns>
    public async Task<Outcome<App>> ChangeBuildSettingsAsync(Actor actor, string app, BuildPatch patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        if (!Enter(actor, AccessAction.Deploy, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await hosted.Writer.ExecuteAsync(actor, new AppCommand.ChangeBuild(patch), Guid.NewGuid()));
    }
}
