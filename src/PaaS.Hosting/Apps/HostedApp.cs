using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>One app on this host: its writer, its dynos, its releases under way, its builds and its log.</summary>
internal sealed class HostedApp : IAsyncDisposable
{
    private readonly AppServices _services;
    private readonly CancellationTokenSource _gone = new();
    private readonly ILogger _logger;
    private readonly MeteredDynoRuntime _runtime;
    private readonly Lock _routing = new();
    private (bool Maintenance, RouteSettings Settings) _routed;
    private DynoStream? _dynos;
    private BuildRecords? _builds;

    public HostedApp(AppServices services, AppId id, AppName name, int userId, Func<FreeHours?> freeHours, App? replayed = null, long version = 0)
    {
        _services = services;
        Id = id;
        Logs = services.Logs[id];
        var logger = services.Loggers.CreateLogger<HostedApp>();
        Writer = new AppWriter(id, replayed, version, services.Journal, new AppEventCodec(services.Secrets), services.Time, OnRecorded);
        Pages = new AppPages(services.FetchPage, services.PagesDirectory is { } pages ? Path.Combine(pages, id.ToString()) : null, Logs, services.Time, logger);
        Pages.Follow(replayed?.ConfigVars ?? ConfigVars.Empty);
        _routed = (replayed?.Maintenance ?? false, Pages.Apply(replayed?.Routing ?? RouteSettings.Default));
        var supervised = new SupervisedApp(id, name, HostsOf(name), services.SeparatesUsers ? userId : null)
        {
            Maintenance = _routed.Maintenance,
            Settings = _routed.Settings,
        };
        _runtime = new MeteredDynoRuntime(services.Runtime, () => Dynos, services.Time);
        Supervisor = new DynoSupervisor(supervised, _runtime, services.Routes, Logs, services.Options.Supervisor, services.Time, services.Random, logger, services.Runtime as IHealthProbe);
        OneOffs = new OneOffDynos(supervised, _runtime, Logs, services.Options.Supervisor, services.Options.OneOffs, services.Time, services.Random, logger);
        Outputs = new ReleaseOutputs(services.OutputsDirectory is { } outputs ? Path.Combine(outputs, id.ToString()) : null, services.Time, logger);
        Conductor = new ReleaseConductor(
            Writer, Supervisor, new ReleasePhase(OneOffs, Outputs, Logs), Outputs, new ReleaseVersion(replayed?.Releases.Count ?? 0), services.Time, logger);
        Scheduler = new JobScheduler(() => AppJobs.Of(App), new JobRunner(() => App, OneOffs, () => Dynos, freeHours, Logs), services.Time, logger);
        _logger = logger;
    }

    public AppId Id { get; }

    public AppWriter Writer { get; }

    public DynoSupervisor Supervisor { get; }

    public ReleaseConductor Conductor { get; }

    public OneOffDynos OneOffs { get; }

    public ReleaseOutputs Outputs { get; }

    public JobScheduler Scheduler { get; }

    /// <summary>Its own pages for errors and maintenance.</summary>
    public AppPages Pages { get; }

    /// <summary>What happens to its dynos, on record. There from <see cref="ReplayAsync"/> on.</summary>
    public DynoStream Dynos => _dynos ?? throw new InvalidOperationException($"App {Id} has not been resumed.");

    /// <summary>How long its dynos have run.</summary>
    public DynoUsage Usage => _dynos?.Record.Usage ?? DynoUsage.Empty;

    public BuildQueue BuildQueue { get; } = new();

    /// <summary>Its builds, on record. There from <see cref="ReplayAsync"/> on.</summary>
    public BuildRecords Builds => _builds ?? throw new InvalidOperationException($"App {Id} has not been resumed.");

    /// <summary>Held by whoever works with the app's build cache: a build, or its purge.</summary>
    public SemaphoreSlim CacheGate { get; } = new(1, 1);

    public LogStream Logs { get; }

    /// <summary>Cancelled when the app has been destroyed.</summary>
    public CancellationToken Gone => _gone.Token;

    public App App => Writer.App;

    /// <summary>The user id of the app's processes; null where the host cannot give one.</summary>
    public int? UserId => _services.SeparatesUsers ? App.UserId : null;

    /// <summary>Reads what is on record of the app's dynos and builds, and records the end of those that have died with the host before this one.</summary>
    public async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var directory = _services.BuildsDirectory is { } builds ? Path.Combine(builds, Id.ToString()) : null;
        _builds = await BuildRecords.OpenAsync(App, directory, _services, _logger, cancellationToken);
        _dynos = await DynoStream.OpenAsync(Id, _services.Journal, _services.Time, _logger, cancellationToken);

        // Durable before anything starts: until then they would count as running.
        await Task.WhenAll(Usage.Running.Select(pair => _dynos.AppendAsync(new DynoEvent.Ended(pair.Key, _services.LastAlive ?? pair.Value.Since))));
    }

    /// <summary>Brings a replayed app back: settles what the end of the last run left open, and runs what is current.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var current = App.Current is { Slug: { } slug } release ? new RunningRelease(release.Version, slug, release.ConfigVars) : null;
        await Supervisor.ResumeAsync(current, App.Formation, cancellationToken);
        Conductor.Start();
        Scheduler.Start(Dynos.Record.Jobs);
        Pages.Start(Reroute);
    }

    /// <summary>Takes the app off the host after its destruction was recorded. Nothing that is done here is needed for it to be gone; the next start would do it too.</summary>
    public async Task RetireAsync()
    {
        // Its builds end before what they work on is removed: a turn in the queue means that none is left.
        await _gone.CancelAsync();
        var (turn, _) = await BuildQueue.EnterAsync("the app's destruction", static () => { }, CancellationToken.None);
        turn?.Dispose();
        await (_builds?.WhenNoneRunsAsync() ?? Task.CompletedTask);
        try
        {
            await DisposeAsync();
        }
        finally
        {
            _services.Routes.Remove(Id);
            _services.Logs.Remove(Id);
            _services.Secrets.Forget(Id);
            Outputs.Delete();
            Pages.Delete();
            _builds?.Delete();
            _services.Forget(Id);
        }
    }

    /// <summary>Ends all of it.</summary>
    /// <exception cref="AggregateException">Parts of it did not end well; the others have ended.</exception>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        await EndAsync(Pages.DisposeAsync);
        await EndAsync(Scheduler.DisposeAsync);
        await EndAsync(Conductor.DisposeAsync);
        await Task.WhenAll(EndAsync(OneOffs.DisposeAsync), EndAsync(Supervisor.DisposeAsync));
        await EndAsync(Writer.DisposeAsync);
        await EndAsync(() =>
        {
            _runtime.Close();
            return ValueTask.CompletedTask;
        });
        if (_dynos is { } dynos)
        {
            await EndAsync(dynos.DisposeAsync);
        }

        if (_builds is { } builds)
        {
            await EndAsync(builds.DisposeAsync);
        }

        if (failures.Count > 0)
        {
            throw new AggregateException($"App {Id} did not end cleanly.", failures);
        }

        async Task EndAsync(Func<ValueTask> end)
        {
            try
            {
                await end();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The rest ends all the same.
                lock (failures)
                {
                    failures.Add(exception);
                }
            }
        }
    }

    /// <summary>Leads no release to a verdict any more; those that wait for one are told that there will be none.</summary>
    public ValueTask StopLeadingAsync() => Conductor.DisposeAsync();

    private void OnRecorded(App app, ImmutableArray<AppEvent> events, EventOrigin origin)
    {
        ApiLog.Write(Logs, app, events, origin);
        if (events.Any(e => e is AppEvent.Renamed or AppEvent.Destroyed))
        {
            // A destroyed app's host name is free at once, even while its dynos have their grace.
            Supervisor.Rename(app.Name, app.IsDestroyed ? [] : HostsOf(app.Name));
            OneOffs.Rename(app.Name);
        }

        if (!app.IsDestroyed && events.Any(e => e is AppEvent.MaintenanceChanged or AppEvent.RoutingChanged or AppEvent.ReleaseCreated or AppEvent.ReleaseFailed))
        {
            // At once, also while a release is getting ready: the page of a broken app is needed before its next release works.
            Pages.Follow(app.ConfigVars);
            Reroute();
        }

        if (!app.IsDestroyed && events.Any(e => e is AppEvent.FormationChanged))
        {
            // At once, also while a release is getting ready: who scales a runaway worker to zero cannot wait for it.
            Supervisor.Scale(app.Formation);
        }

        if (events.Any(e => e is AppEvent.JobSet or AppEvent.JobRemoved or AppEvent.ReleaseSucceeded or AppEvent.Destroyed))
        {
            Scheduler?.Refresh();
        }

        Conductor?.Wake();
    }

    /// <summary>Hands the newest decision and the newest pages to the routers; the lock keeps an older pair from coming last.</summary>
    private void Reroute()
    {
        lock (_routing)
        {
            var app = App;
            var route = (app.Maintenance, Settings: Pages.Apply(app.Routing));
            if (route != _routed)
            {
                _routed = route;
                Supervisor.Reroute(route.Maintenance, route.Settings);
            }
        }
    }

    private ImmutableArray<string> HostsOf(AppName name) => [$"{name}.{_services.Options.AppDomain}"];
}
