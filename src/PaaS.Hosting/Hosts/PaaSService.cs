using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PaaS.Buildpacks;
using PaaS.Routing;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>
/// The whole host: opens its directories, ends what an earlier host left running, replays the journal, brings the apps
/// back, and then listens. Started means replayed and reconciled. What was opened is closed in reverse order.
/// </summary>
internal sealed partial class PaaSService : IHostedService, IAsyncDisposable
{
    /// <summary>How long requests to the API may go on when the host stops. Apps' requests have the drain time.</summary>
    private static readonly TimeSpan ApiGrace = TimeSpan.FromSeconds(5);
    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly PaaSOptions _options;
    private readonly Platform _platform;
    private readonly ApiAddresses _addresses;
    private readonly RouteTable _routes;
    private readonly PaaSRouter _router;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    public PaaSService(PaaSOptions options, Platform platform, ApiAddresses addresses, RouteTable routes, PaaSRouter router, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _platform, _addresses, _routes, _router, _time, _loggers) = (options, platform, addresses, routes, router, time, loggers);
        _logger = loggers.CreateLogger<PaaSService>();
    }

    /// <summary>Answers a request to the API or git; null until the host has started.</summary>
    public RequestDelegate? Api { get; private set; }

    /// <summary>Answers a request to an app; null until the host has started.</summary>
    public RequestDelegate? Router { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => CloseAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _stopping.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var data = Own(DataDirectory.Open(_options.DataDirectory));
        var token = data.LoadOrCreateToken(_options.Token);

        var work = Own(WorkDirectory.Open(_options.WorkDirectory, data));
        var launchers = Own(await HostLaunchers.OpenAsync(_options, data, work, _logger, cancellationToken));
        foreach (var swept in await launchers.SweepAsync(cancellationToken))
        {
            Log.Swept(_logger, swept.ToString());
        }

        foreach (var left in work.Sweep().Concat(launchers.HasSandbox ? [] : work.SweepScratch()))
        {
            Log.NotRemoved(_logger, left);
        }

        var journal = Own(await SqliteJournal.OpenAsync(data.JournalPath));
        var slugs = Own(new PinnedSlugStore(new DirectorySlugStore(data.SlugsDirectory)));
        var repositories = await GitRepositories.OpenAsync(data.RepositoriesDirectory, data.HooksDirectory, launchers.Tools, _options.MaxPushBytes, cancellationToken);
        var outbound = Own(MakeOutbound());
        var services = new AppServices
        {
            Options = _options,
            Journal = journal,
            Secrets = FileSecretBox.Open(data),
            Slugs = slugs,
            Builder = MakeBuilder(launchers.Tenants, slugs, work, outbound),
            Runtime = new LocalDynoRuntime(
                launchers.Tenants,
                new SlugUnpacker(slugs),
                new LocalDynoRuntimeOptions { DynosDirectory = work.Dynos, Time = _time, MemoryLimit = _options.Supervisor.MemoryKillFactor, Logger = _loggers.CreateLogger<LocalDynoRuntime>() }),
            Routes = _routes,
            Logs = new LogStreams(_time),
            Time = _time,
            Random = Random.Shared,
            Loggers = _loggers,
            Addresses = _addresses,
            SeparatesUsers = Environment.IsPrivilegedProcess,
            LastAlive = Own(Heartbeat.Start(Path.Combine(data.Path, "alive"), _time, _logger)).Last,
            OutputsDirectory = data.OutputsDirectory,
            BuildsDirectory = data.BuildsDirectory,
            PagesDirectory = data.PagesDirectory,
            FetchPage = new PageSource(outbound).FetchAsync,
            Requests = _router.Requests,
            Disk = () => DiskSpace.Of(data.SlugsDirectory),
            UploadsDirectory = Path.Combine(data.Path, "uploads"),
            Forget = app =>
            {
                repositories.Delete(app);
                foreach (var left in Directory.GetDirectories(work.Caches, $"{app}*").SelectMany(work.Remove))
                {
                    Log.NotRemoved(_logger, left);
                }
            },
        };

        // Before the platform takes commands: what an embedder builds at once must not be swept.
        services.Builder!.Sweep();
        var core = new PlatformCore(services, _platform);
        _closing.Push(core.DisposeAsync);
        await core.StartAsync(
            async (apps, token) =>
            {
                await MoveRefsAsync(repositories, apps, token);
                await SweepSlugsAsync(slugs, apps, token);
            },
            cancellationToken);
        var authentication = new ApiAuthentication(token);
        var git = new GitHttp(repositories, new GitGate(_platform, authentication), new PushReceiver(core), _loggers);
        Api = ApiPipeline.Build(core, authentication, outbound, git.Map, _stopping.Token).InvokeAsync;
        await ListenAsync(cancellationToken);

        // Before the listeners close: whoever pushes is told that the platform stops.
        _closing.Push(git.DisposeAsync);
        _closing.Push(core.StopLeadingAsync);
        await AnnounceAsync(data, cancellationToken);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var pipeline = _router.ToRequestDelegate();
        var listeners = Own(await RouterListeners.StartAsync(_router, pipeline, _options.Router, _options.Supervisor.DrainTimeout, _time, _loggers, cancellationToken));
        Router = pipeline;
        (_addresses.Router, _addresses.RouterHttps) = (listeners.Plain, listeners.Https);
        var api = Own(await HostListener.StartAsync(_options.Api, "Platform API", _loggers, ApiGrace, ApiPipeline.Configure, Api!, cancellationToken));
        _addresses.Api = api.Endpoint;

        // Streams that follow a log would hold the API's listener open.
        _closing.Push(async () => await _stopping.CancelAsync());
    }

    /// <summary>After a crash between a release's success and git's own update, the ref is moved here.</summary>
    private async Task MoveRefsAsync(GitRepositories repositories, IReadOnlyList<App> apps, CancellationToken cancellationToken)
    {
        foreach (var app in apps)
        {
            try
            {
                await MoveRefAsync(repositories, app, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or ProcessStartException)
            {
                // A damaged repository is that app's trouble: it runs, and its next push will say so.
                Log.RefNotChecked(_logger, app.Name, exception);
            }
        }
    }

    private async Task MoveRefAsync(GitRepositories repositories, App app, CancellationToken cancellationToken)
    {
        var deployed = app.Releases.FindLast(release => release is { Status: ReleaseStatus.Succeeded, Cause: ReleaseCause.Deploy { Ref: not null, Slug.Commit: not null } });
        if (deployed?.Cause is not ReleaseCause.Deploy { Ref: { } name, Slug.Commit: { } commit } || await repositories.ReadRefAsync(app.Id, name, cancellationToken) == commit)
        {
            return;
        }

        if (await repositories.MoveRefAsync(app.Id, name, commit, cancellationToken))
        {
            Log.RefMoved(_logger, app.Name, name, commit);
        }
        else
        {
            Log.CommitMissing(_logger, app.Name, name, commit);
        }
    }

    /// <summary>A slug that no release holds was given up, was stored by a deploy that a crash cut off, or belonged to an app that is gone.</summary>
    private async Task SweepSlugsAsync(PinnedSlugStore slugs, IReadOnlyList<App> apps, CancellationToken cancellationToken)
    {
        var named = SlugRetention.Held(apps);
        await foreach (var slug in slugs.ListAsync(cancellationToken))
        {
            if (!named.Contains(slug))
            {
                Log.SlugRemoved(_logger, slug);
                await slugs.DeleteAsync(slug, cancellationToken);
            }
        }
    }

    private async Task AnnounceAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        Log.Ready(_logger, _addresses.ApiUrl, _addresses.RouterHttps is { } https ? $"{_addresses.Router}, HTTPS: {https}" : $"{_addresses.Router}", data.TokenPath);
        if (_options.ReadyFile is { } file)
        {
            await ReadyFile.WriteAsync(file, _addresses, data.TokenPath, cancellationToken);
        }
    }

    private SlugBuilder MakeBuilder(IProcessLauncher launcher, ISlugStore slugs, WorkDirectory work, OutboundGuard outbound) => new(
        _options.Builds with
        {
            BuildsDirectory = work.Builds,
            CachesDirectory = work.Caches,
            ReadOnlyPaths = [.. _options.Builds.ReadOnlyPaths, .. _options.Toolchains],
            Outbound = outbound,
        },
        launcher,
        slugs,
        _options.Buildpacks,
        _time);

    private OutboundGuard MakeOutbound()
    {
        var options = new OutboundOptions();
        foreach (var allowed in _options.OutboundAllowList)
        {
            options.Allowed.Add(allowed);
        }

        return new OutboundGuard(options, _time);
    }

    private T Own<T>(T part)
    {
        if (part is IAsyncDisposable asynchronous)
        {
            _closing.Push(asynchronous.DisposeAsync);
        }
        else if (part is IDisposable disposable)
        {
            _closing.Push(() =>
            {
                disposable.Dispose();
                return ValueTask.CompletedTask;
            });
        }

        return part;
    }

    private async Task CloseAsync()
    {
        (Api, Router) = (null, null);
        var failures = new List<Exception>();
        while (_closing.TryPop(out var close))
        {
            try
            {
                await close();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The rest is closed all the same; the first cause is thrown at the end.
                failures.Add(exception);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("The host did not stop cleanly.", failures);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "Ended what an earlier host left running: {What}")]
        public static partial void Swept(ILogger logger, string what);

        [LoggerMessage(131, LogLevel.Warning, "Not removed: {What}")]
        public static partial void NotRemoved(ILogger logger, string what);

        [LoggerMessage(132, LogLevel.Warning, "The host had stopped before {Ref} of {App} could be moved; it is at {Commit} now, which runs")]
        public static partial void RefMoved(ILogger logger, AppName app, string @ref, string commit);

        [LoggerMessage(135, LogLevel.Warning, "{App} runs commit {Commit}, which its repository does not have; {Ref} stays where it is until the next push")]
        public static partial void CommitMissing(ILogger logger, AppName app, string @ref, string commit);

        [LoggerMessage(136, LogLevel.Error, "The repository of {App} could not be checked; the app runs all the same")]
        public static partial void RefNotChecked(ILogger logger, AppName app, Exception exception);

        [LoggerMessage(134, LogLevel.Information, "Removed slug {Slug}: no release holds it")]
        public static partial void SlugRemoved(ILogger logger, SlugId slug);

        [LoggerMessage(133, LogLevel.Information, "The platform is ready. API and git: {Api}. Router: {Router}. Token: {TokenFile}")]
        public static partial void Ready(ILogger logger, string api, string router, string tokenFile);
    }
}
