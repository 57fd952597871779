using Microsoft.Extensions.Logging;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>
/// The platform without any listener: all apps over whichever journal, stores and engine it was given. The reference
/// host, an embedded host and a test in memory all run this.
/// </summary>
internal sealed partial class PlatformCore : IAsyncDisposable
{
    private readonly BackgroundWork _background;
    private readonly ILogger _logger;
    private FreeHoursWatch? _freeHours;
    private bool _disposed;

    public PlatformCore(AppServices services, Platform platform)
    {
        Services = services;
        Directory = new AppDirectory(services);
        Pipeline = new DeployPipeline(services, Directory.Sweep);
        _background = new BackgroundWork(services.Loggers.CreateLogger<BackgroundWork>());
        _logger = services.Loggers.CreateLogger<PlatformCore>();
        Platform = platform;
        Uploads = services.UploadsDirectory is { } uploads ? new SourceUploads(uploads, services.Options.MaxSourceBytes, services.Time) : null;
    }

    public AppServices Services { get; }

    public AppDirectory Directory { get; }

    public DeployPipeline Pipeline { get; }

    public Platform Platform { get; }

    public SourceUploads? Uploads { get; }

    /// <summary>Replays the journal, lets the caller mend what lies beside it, and brings every app back. Commands are taken from then on.</summary>
    /// <param name="reconcile">Called when the state is known and nothing runs yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAsync(Func<IReadOnlyList<App>, CancellationToken, Task> reconcile, CancellationToken cancellationToken)
    {
        await Directory.ReplayAsync(cancellationToken);
        foreach (var outputs in new[] { Services.OutputsDirectory, Services.BuildsDirectory, Services.PagesDirectory }.OfType<string>())
        {
            ReleaseOutputs.Sweep(outputs, Directory.Apps.Select(hosted => hosted.Id).ToHashSet());
        }

        await reconcile([.. Directory.Apps.Select(hosted => hosted.App)], cancellationToken);
        await Task.WhenAll((await Services.Runtime.ListAsync(cancellationToken)).Select(left => EndAsync(left, cancellationToken)));
        await Task.WhenAll(Directory.Apps.Select(hosted => hosted.ReplayAsync(cancellationToken)));
        if (Services.Options.FreeHours is { } quota)
        {
            _freeHours = new FreeHoursWatch(quota, () => Directory.Apps, Services.Time, Services.Loggers.CreateLogger<FreeHoursWatch>());
        }

        await Task.WhenAll(Directory.Apps.Select(hosted => hosted.ResumeAsync(cancellationToken)));
        Platform.Attach(Services, Directory, Pipeline, _background);
    }

    /// <summary>From now on no release gets a verdict: whoever waits for one is told that the host stops, and nothing that was refused can still succeed.</summary>
    public async ValueTask StopLeadingAsync()
    {
        foreach (var hosted in Directory.Apps)
        {
            await hosted.StopLeadingAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        Platform.Detach();
        _freeHours?.Dispose();
        await _background.DisposeAsync();
        await Directory.DisposeAsync();
    }

    /// <summary>A dyno of an earlier host is started anew like all others. It ends first: of one that must not run twice there are never two.</summary>
    private async Task EndAsync(IDyno left, CancellationToken cancellationToken)
    {
        Log.Left(_logger, left.Spec.AppName, left.Spec.Name, left.Spec.Release);
        await left.KillTreeAsync(cancellationToken);
        await left.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(138, LogLevel.Warning, "Ended {Dyno} of {App}, release {Release}: an earlier host had left it")]
        public static partial void Left(ILogger logger, AppName app, DynoName dyno, ReleaseVersion release);
    }
}
