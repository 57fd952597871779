using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// All apps of the host, and the catalog of their names. A name is reserved in the catalog before it stands in an app's
/// stream, and given back after it has left it, so that no crash in between can give one name to two apps.
/// </summary>
internal sealed partial class AppDirectory : IAsyncDisposable
{
    private readonly ConcurrentDictionary<AppId, HostedApp> _apps = new();
    private readonly ConcurrentDictionary<AppId, Task> _retiring = new();
    private readonly SemaphoreSlim _catalogWriting = new(1, 1);
    private readonly SemaphoreSlim _renaming = new(1, 1);
    private readonly AppServices _services;
    private readonly AppNameGenerator _names;
    private readonly SlugSweep _sweep;
    private readonly ILogger _logger;
    private Catalog _catalog;
    private long _catalogVersion;

    public AppDirectory(AppServices services)
    {
        _services = services;
        _catalog = Catalog.Empty with { NextUserId = services.Options.FirstUserId };
        _names = new AppNameGenerator(services.Random);
        _logger = services.Loggers.CreateLogger<AppDirectory>();
        _sweep = new SlugSweep(services, () => Apps, services.Loggers.CreateLogger<SlugSweep>());
    }

    public IEnumerable<HostedApp> Apps => _apps.Values.Where(hosted => !hosted.App.IsDestroyed);

    /// <summary>The month's free hours of all apps together; null if there is no limit.</summary>
    public FreeHours? FreeHours => _services.Options.FreeHours is { } quota ? FreeHoursWatch.Of(quota, Apps, Now) : null;

    /// <summary>Removes slugs when the disk runs short.</summary>
    public SlugSweep Sweep => _sweep;

    public DateTimeOffset Now => _services.Time.GetUtcNow();

    public bool TryGet(AppId id, [NotNullWhen(true)] out HostedApp? hosted) =>
        _apps.TryGetValue(id, out hosted) && !hosted.App.IsDestroyed;

    /// <summary>Finds an app by name or id.</summary>
    public bool TryFind(string nameOrId, [NotNullWhen(true)] out HostedApp? hosted)
    {
        hosted = null;
        return AppName.TryParse(nameOrId, null, out var name)
            ? Volatile.Read(ref _catalog).Names.TryGetValue(name, out var id) && TryGet(id, out hosted) && hosted.App.Name == name
            : AppId.TryParse(nameOrId, null, out var parsed) && TryGet(parsed, out hosted);
    }

    /// <summary>Rebuilds everything from the journal and mends what a crash left between two streams.</summary>
    public async Task ReplayAsync(CancellationToken cancellationToken)
    {
        await foreach (var recorded in _services.Journal.ReadAsync(StreamName.Catalog, 1, cancellationToken))
        {
            _catalog = _catalog.Apply(recorded);
            _catalogVersion = recorded.Version;
        }

        await foreach (var stream in _services.Journal.ListStreamsAsync("app/", cancellationToken))
        {
            var id = AppId.Parse(stream.ToString()["app/".Length..]);
            var codec = new AppEventCodec(_services.Secrets);
            App? app = null;
            var version = 0L;
            await foreach (var recorded in _services.Journal.ReadAsync(stream, 1, cancellationToken))
            {
                app = ReleaseLedger.Apply(app, codec.Decode(id, recorded), new EventOrigin(recorded.Event.Actor, recorded.Event.Time));
                version = recorded.Version;
            }

            if (app is { IsDestroyed: false })
            {
                if (codec.HasLostValues)
                {
                    throw new JournalFormatException($"The key of app {app.Name} ({id}) is missing, so its config vars cannot be read. Restore the key from a backup of the same data directory; nothing was changed.");
                }

                _apps[id] = new HostedApp(_services, id, app.Name, app.UserId, () => FreeHours, app, version);
            }
            else
            {
                _services.Secrets.Forget(id);
                _services.Forget(id);
                await BuildStream.ForgetAsync(id, _services.Journal, _services.Time);
            }
        }

        foreach (var (name, id) in _catalog.Names)
        {
            if (!_apps.TryGetValue(id, out var hosted) || hosted.App.Name != name)
            {
                Log.NameGivenBack(_logger, name);
                await ReleaseNameAsync(BuiltInAccount.Operator, name, id, Guid.NewGuid());
            }
        }
    }

    /// <summary>Makes an app under a chosen name or a random one.</summary>
    public async Task<Outcome<HostedApp>> CreateAsync(Actor actor, AppName? chosen, Guid commandId)
    {
        var id = AppId.New();
        var reserved = await ReserveAsync(actor, chosen, id, null, commandId);
        if (!reserved.TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        var hosted = new HostedApp(_services, id, place.Name, place.UserId, () => FreeHours);
        try
        {
            var outcome = await hosted.Writer.ExecuteAsync(actor, new AppCommand.Create(id, place.Name, place.UserId), commandId);
            if (!outcome.TryGet(out _, out refusal))
            {
                await AbandonAsync(actor, hosted, place.Name, commandId);
                return refusal;
            }
        }
        catch
        {
            await AbandonAsync(actor, hosted, place.Name, commandId);
            throw;
        }

        await hosted.ReplayAsync(CancellationToken.None);
        _apps[id] = hosted;
        await hosted.ResumeAsync(CancellationToken.None);
        return hosted;
    }

    public async Task<Outcome<Recorded>> RenameAsync(Actor actor, HostedApp hosted, AppName name, Guid commandId)
    {
        // One at a time: which name an app leaves is certain only then.
        await _renaming.WaitAsync();
        try
        {
            var old = hosted.App.Name;
            if (old == name)
            {
                return new Recorded(hosted.App, []);
            }

            var reserved = await ReserveAsync(actor, name, hosted.Id, hosted.App.UserId, commandId);
            if (!reserved.TryGet(out _, out var refusal))
            {
                return refusal;
            }

            try
            {
                return await hosted.Writer.ExecuteAsync(actor, new AppCommand.Rename(name), commandId);
            }
            finally
            {
                await ReleaseNameAsync(actor, hosted.App.Name == name ? old : name, hosted.Id, commandId);
            }
        }
        finally
        {
            _renaming.Release();
        }
    }

    public async Task<Outcome<Recorded>> DestroyAsync(Actor actor, HostedApp hosted, Guid commandId)
    {
        var outcome = await hosted.Writer.ExecuteAsync(actor, new AppCommand.Destroy(), commandId);
        if (outcome.TryGet(out var recorded, out _))
        {
            // The app is gone for everybody; its dynos get their grace behind the scenes.
            _retiring[hosted.Id] = Task.Run(async () =>
            {
                try
                {
                    await hosted.RetireAsync();
                    _apps.TryRemove(hosted.Id, out _);
                    await _sweep.ForgetAsync(hosted.App);
                    await BuildStream.ForgetAsync(hosted.Id, _services.Journal, _services.Time);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    // The next start cleans up after a destroyed app as well.
                    Log.NotRetired(_logger, hosted.Id, exception);
                }
                finally
                {
                    _retiring.TryRemove(hosted.Id, out _);
                }
            });
            await ReleaseNameAsync(actor, recorded.App.Name, hosted.Id, commandId);
        }

        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_retiring.Values);
        await Task.WhenAll(_apps.Values.Select(hosted => hosted.DisposeAsync().AsTask()));
        _sweep.Dispose();
        _catalogWriting.Dispose();
        _renaming.Dispose();
    }

    /// <summary>Takes back what was made of an app whose creation could not be recorded.</summary>
    private async Task AbandonAsync(Actor actor, HostedApp hosted, AppName name, Guid commandId)
    {
        await hosted.RetireAsync();
        await foreach (var _ in _services.Journal.ReadAsync(StreamName.Of(hosted.Id)))
        {
            // The journal has it after all, whatever it said: the name stays with it.
            return;
        }

        await ReleaseNameAsync(actor, name, hosted.Id, commandId);
    }

    private async Task<Outcome<Place>> ReserveAsync(Actor actor, AppName? chosen, AppId id, int? ownUserId, Guid commandId)
    {
        await _catalogWriting.WaitAsync();
        try
        {
            var name = chosen ?? _names.Next();
            while (_catalog.Names.ContainsKey(name))
            {
                if (chosen is not null)
                {
                    return new Refusal(RefusalCode.Invalid, $"Name {name} is already taken");
                }

                name = _names.Next();
            }

            var userId = ownUserId ?? _catalog.NextUserId;
            await AppendAsync(Catalog.Reserve(name, id, userId, new EventOrigin(actor, _services.Time.GetUtcNow()), commandId));
            return new Place(name, userId);
        }
        finally
        {
            _catalogWriting.Release();
        }
    }

    private async Task ReleaseNameAsync(Actor actor, AppName name, AppId id, Guid commandId)
    {
        await _catalogWriting.WaitAsync();
        try
        {
            // A name that somebody else holds by now is not ours to give back.
            if (_catalog.Names.TryGetValue(name, out var holder) && holder == id)
            {
                await AppendAsync(Catalog.Release(name, id, new EventOrigin(actor, _services.Time.GetUtcNow()), commandId));
            }
        }
        finally
        {
            _catalogWriting.Release();
        }
    }

    private async Task AppendAsync(JournalEvent e)
    {
        var result = await _services.Journal.AppendAsync(StreamName.Catalog, _catalogVersion, [e]);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"The catalog is at version {result.Version}, not {_catalogVersion}: another host writes to the same journal.");
        }

        Volatile.Write(ref _catalog, _catalog.Apply(new RecordedEvent(StreamName.Catalog, result.Version, 0, e)));
        _catalogVersion = result.Version;
    }

    private sealed record Place(AppName Name, int UserId);

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "The name {Name} was reserved for an app that never came to be, or has another name; it is free again")]
        public static partial void NameGivenBack(ILogger logger, AppName name);

        [LoggerMessage(111, LogLevel.Error, "App {App} was destroyed, but not all of it could be removed; the next start tries again")]
        public static partial void NotRetired(ILogger logger, AppId app, Exception exception);
    }
}
