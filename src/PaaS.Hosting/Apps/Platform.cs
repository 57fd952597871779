using System.Collections.Immutable;
using PaaS.Buildpacks;
using PaaS.Routing;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>
/// The platform's commands and queries, as the Platform API and embedders use them. Each names its actor and passes the
/// <see cref="IAccessPolicy"/>; what the actor may not see looks as if it did not exist. A command that returns without
/// a refusal is durable.
/// </summary>
/// <remarks>Every member throws <see cref="InvalidOperationException"/> while the host is not running.</remarks>
public sealed partial class Platform
{
    private readonly IAccessPolicy _policy;
    private Parts? _parts;

    internal Platform(IAccessPolicy policy) => _policy = policy;

    /// <summary>The account that the operator's token belongs to.</summary>
    public static Actor Operator => BuiltInAccount.Operator;

    /// <summary>The apps that the actor may see, by name.</summary>
    /// <param name="actor">Who asks.</param>
    public IReadOnlyList<App> ListApps(Actor actor) =>
        [.. Running.Directory.Apps.Select(hosted => hosted.App).Where(app => _policy.Allows(actor, AccessAction.ViewApp, app)).OrderBy(app => app.Name.ToString(), StringComparer.Ordinal)];

    /// <summary>Finds an app.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">Its name or id.</param>
    public Outcome<App> FindApp(Actor actor, string app) =>
        Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal) ? hosted.App : refusal;

    /// <summary>Creates an app.</summary>
    /// <param name="actor">Who will own it.</param>
    /// <param name="name">Its name; <see langword="null"/> for a random one.</param>
    public async Task<Outcome<App>> CreateAppAsync(Actor actor, AppName? name = null)
    {
        if (!_policy.Allows(actor, AccessAction.CreateApp, null))
        {
            return new Refusal(RefusalCode.Forbidden, "You may not create apps here.");
        }

        var outcome = await Running.Directory.CreateAsync(actor, name, Guid.NewGuid());
        return outcome.TryGet(out var hosted, out var refusal) ? hosted.App : refusal;
    }

    /// <summary>Renames an app; its host name changes with it.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">Its name or id.</param>
    /// <param name="name">The new name.</param>
    public async Task<Outcome<App>> RenameAppAsync(Actor actor, string app, AppName name)
    {
        if (!Enter(actor, AccessAction.RenameApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await Running.Directory.RenameAsync(actor, hosted, name, Guid.NewGuid()));
    }

    /// <summary>Destroys an app with all its releases, config vars and code. There is no way back.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">Its name or id.</param>
    public async Task<Outcome<App>> DestroyAppAsync(Actor actor, string app)
    {
        if (!Enter(actor, AccessAction.DestroyApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await Running.Directory.DestroyAsync(actor, hosted, Guid.NewGuid()));
    }

    /// <summary>The stored config vars: what the next release will carry.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<ConfigVars> GetConfigVars(Actor actor, string app) =>
        Enter(actor, AccessAction.ReadConfig, app).TryGet(out var hosted, out var refusal) ? hosted.App.ConfigVars : refusal;

    /// <summary>Changes config vars. Makes a release, unless nothing changes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The app after the change.</returns>
    public async Task<Outcome<App>> ChangeConfigVarsAsync(Actor actor, string app, ConfigPatch patch)
    {
        if (!Enter(actor, AccessAction.ChangeConfig, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await hosted.Writer.ExecuteAsync(actor, new AppCommand.ChangeConfig(patch), Guid.NewGuid()));
    }

    /// <summary>The config vars that a release has.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="version">The release.</param>
    public Outcome<ConfigVars> GetConfigVars(Actor actor, string app, ReleaseVersion version)
    {
        if (!Enter(actor, AccessAction.ReadConfig, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return hosted.App.Find(version) is { } release ? release.ConfigVars : new Refusal(RefusalCode.NotFound, "Couldn't find that release.");
    }

    /// <summary>Goes back to an earlier release: makes a new one with its slug and its config vars.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="target">The earlier release.</param>
    public async Task<Outcome<Release>> RollbackAsync(Actor actor, string app, ReleaseVersion target)
    {
        if (!Enter(actor, AccessAction.Rollback, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var outcome = await hosted.Writer.ExecuteAsync(actor, new AppCommand.Rollback(target), Guid.NewGuid());
        return outcome.TryGet(out var recorded, out refusal) ? recorded.Release! : refusal;
    }

    /// <summary>Releases a slug that is already in the store.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="slug">The slug.</param>
    /// <returns>The release, pending; wait for its verdict with <see cref="WaitForReleaseAsync"/>.</returns>
    public async Task<Outcome<Release>> ReleaseSlugAsync(Actor actor, string app, Slug slug)
    {
        ArgumentNullException.ThrowIfNull(slug);
        if (!Enter(actor, AccessAction.Deploy, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        if (AppJobs.FindProblem(slug.Manifest) is { } problem)
        {
            return new Refusal(RefusalCode.Invalid, problem);
        }

        var slugs = Running.Slugs;
        if (!await slugs.TryPinAsync(slug.Id))
        {
            return new Refusal(RefusalCode.Invalid, $"Slug {slug.Id} is not in the store. Put it there first.");
        }

        try
        {
            var outcome = await hosted.Writer.ExecuteAsync(actor, new AppCommand.Deploy(slug, null), Guid.NewGuid());
            return outcome.TryGet(out var recorded, out refusal) ? recorded.Release! : refusal;
        }
        finally
        {
            await slugs.UnpinAsync(slug.Id);
        }
    }

    /// <summary>Waits until a release has succeeded or failed.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="version">The release.</param>
    /// <param name="cancellationToken">Gives up the wait; the release goes on.</param>
    public async Task<Outcome<Release>> WaitForReleaseAsync(Actor actor, string app, ReleaseVersion version, CancellationToken cancellationToken = default)
    {
        if (!Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return hosted.App.Find(version) is null
            ? new Refusal(RefusalCode.NotFound, "Couldn't find that release.")
            : (await hosted.Conductor.WaitAsync(version, cancellationToken)).Release;
    }

    /// <summary>Changes quantities and sizes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="updates">The changes: all or none is made.</param>
    public async Task<Outcome<App>> ScaleAsync(Actor actor, string app, ImmutableArray<FormationUpdate> updates)
    {
        if (!Enter(actor, AccessAction.Scale, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await hosted.Writer.ExecuteAsync(actor, new AppCommand.Scale(updates), Guid.NewGuid()));
    }

    /// <summary>The app's log.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<LogStream> OpenLog(Actor actor, string app) =>
        Enter(actor, AccessAction.ReadLogs, app).TryGet(out var hosted, out var refusal) ? hosted.Logs : refusal;

    /// <summary>What a release's command has printed, from its first line on; it ends with the command.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="version">The release.</param>
    /// <returns>Not found if the release has no command, if its command has not started yet, or if its output is no longer kept.</returns>
    public Outcome<LogStream> OpenReleaseOutput(Actor actor, string app, ReleaseVersion version)
    {
        if (!Enter(actor, AccessAction.ReadLogs, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return hosted.Outputs.Open(version) is { } output ? output
            : new Refusal(RefusalCode.NotFound, hosted.App.Find(version) is { } release && HasOrGetsOutput(hosted, release)
                ? "The release command has not started yet. Try again in a few seconds."
                : $"Release {version} has no release output available.");
    }

    internal void Attach(AppServices services, AppDirectory directory, DeployPipeline pipeline, BackgroundWork background) =>
        Volatile.Write(ref _parts, new Parts(directory, pipeline, background, services.Time, services.Slugs, services.Builder, services.Requests, services.Options.Router.Limits.TraceCapacity));

    internal void Detach() => Volatile.Write(ref _parts, null);

    internal Outcome<HostedApp> Enter(Actor actor, AccessAction action, string app) =>
        Running.Directory.TryFind(app, out var hosted) && _policy.Allows(actor, action, hosted.App)
            ? hosted
            : new Refusal(RefusalCode.NotFound, "Couldn't find that app.");

    /// <summary>Whether a release has an output, or will have one.</summary>
    internal bool HasReleaseOutput(Actor actor, Release release) =>
        Enter(actor, AccessAction.ReadLogs, release.App.ToString()).TryGet(out var hosted, out _) && HasOrGetsOutput(hosted, release);

    private static bool HasOrGetsOutput(HostedApp hosted, Release release) =>
        release.Slug?.ProcessTypes.ContainsKey(ProcessType.Release) == true && (release.Status == ReleaseStatus.Pending || hosted.Outputs.Has(release.Version));

    private static Outcome<App> AppOf(Outcome<Recorded> outcome) =>
        outcome.TryGet(out var recorded, out var refusal) ? recorded.App : refusal;

    private Parts Running => Volatile.Read(ref _parts) ?? throw new InvalidOperationException("The platform is not running: start the host first, and ask before it stops.");

    private sealed record Parts(AppDirectory Directory, DeployPipeline Pipeline, BackgroundWork Background, TimeProvider Time, PinnedSlugStore Slugs, SlugBuilder? Builder, IRequestTrace? Requests, int TraceCapacity);
}
