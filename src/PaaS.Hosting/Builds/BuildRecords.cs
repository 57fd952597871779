using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// The newest <see cref="BuildHistory.Kept"/> builds of one app, on record in the app's stream of builds, and their output, in a file
/// each. Queued is durable before anybody is told; a file is durable before the event that says how its build ended.
/// </summary>
internal sealed partial class BuildRecords : IAsyncDisposable
{
    private const string Suffix = ".log";
    private const string CutOff = "The host stopped before the build had ended. Push again.";

    /// <summary>How many ended builds show their output where no directory keeps it.</summary>
    private const int InMemory = 5;
    private readonly Lock _gate = new();
    private readonly List<BuildRecord> _live = [];
    private readonly AppId _app;
    private readonly BuildStream _stream;
    private readonly string? _directory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private DateTimeOffset _newest;

    private BuildRecords(AppId app, BuildStream stream, string? directory, TimeProvider time, ILogger logger) =>
        (_app, _stream, _directory, _time, _logger) = (app, stream, directory, time, logger);

    /// <summary>
    /// Reads what is on record. What was under way when the host before this one ended is abandoned, unless its release has its verdict:
    /// then that is the build's, too, and nobody is told to push again what runs.
    /// </summary>
    /// <param name="app">The app, as it was replayed.</param>
    /// <param name="directory">Where the app's output is kept; null keeps it in memory.</param>
    /// <param name="services">The journal and the clock.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="JournalFormatException">The stream holds what this version does not know.</exception>
    public static async Task<BuildRecords> OpenAsync(App app, string? directory, AppServices services, ILogger logger, CancellationToken cancellationToken)
    {
        var stream = await BuildStream.OpenAsync(app.Id, services.Journal, services.Time, logger, cancellationToken);
        var records = new BuildRecords(app.Id, stream, directory, services.Time, logger);
        await Task.WhenAll(stream.Record.Builds.Where(build => !build.HasEnded).Select(build =>
            stream.AppendAsync(new BuildEvent.Recorded(Settle(build, app, services.LastAlive)))));
        records.RemoveOld();
        return records;
    }

    /// <summary>A build is wanted. Durable when this returns.</summary>
    public async Task<BuildRecord> AddAsync(Actor by, string? version)
    {
        var now = NextMoment();
        var build = new Build(Guid.NewGuid(), _app, by, version, BuildStatus.Queued, null, null, null, now, now);
        await _stream.AppendAsync(new BuildEvent.Recorded(build));
        RemoveOld();
        var record = new BuildRecord(build, this, OpenLog(build.Id), _time);
        lock (_gate)
        {
            _live.Add(record);
        }

        return record;
    }

    /// <summary>A build that is under way, or that ended without being kept.</summary>
    public BuildRecord? FindLive(Guid id)
    {
        lock (_gate)
        {
            return _live.Find(record => record.Build.Id == id);
        }
    }

    public Build? Find(Guid id) => FindLive(id)?.Build ?? _stream.Record.Find(id);

    /// <summary>Oldest first.</summary>
    public ImmutableList<Build> List() => _stream.Record.Builds.ConvertAll(build => FindLive(build.Id)?.Build ?? build);

    /// <summary>A build's output from its first line on; it ends with the build. Null if there is no such build.</summary>
    public LogStream? OpenOutput(Guid id)
    {
        if (FindLive(id) is { } record)
        {
            return record.Output;
        }

        if (_stream.Record.Find(id) is null)
        {
            return null;
        }

        try
        {
            return PathOf(id) is { } path && File.Exists(path) ? BuildLog.Read(path, _time) : Nothing();
        }
        catch (FileNotFoundException)
        {
            // A newer build has taken its place just now.
            return null;
        }
    }

    /// <summary>A build has come further. On record soon.</summary>
    public void Append(Build build) => _stream.Append(new BuildEvent.Recorded(build));

    /// <summary>A build is at its end.</summary>
    public async Task EndAsync(BuildRecord record, Exception? lost)
    {
        var ended = new BuildEvent.Recorded(record.Build);
        var isKept = false;
        try
        {
            if (lost is not null)
            {
                Log.OutputNotKept(_logger, record.Build.Id, lost);
            }
            else if (_directory is not null)
            {
                Posix.SyncDirectory(_directory);
                isKept = true;
            }
        }
        catch (IOException exception)
        {
            Log.OutputNotKept(_logger, record.Build.Id, exception);
        }

        try
        {
            await _stream.AppendAsync(ended);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The release stands whether its build is on record or not: nobody's push fails for it.
            Log.EndNotRecorded(_logger, record.Build.Id, exception);
            _stream.Append(ended);
            isKept = false;
        }

        lock (_gate)
        {
            if (isKept)
            {
                _live.Remove(record);
            }

            foreach (var old in _live.Where(static live => live.Build.HasEnded).Reverse().Skip(InMemory).ToList())
            {
                _live.Remove(old);
            }
        }
    }

    /// <summary>Waits until no build is under way any more.</summary>
    public async Task WhenNoneRunsAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _live.Select(static record => record.Ended)];
        }

        await Task.WhenAll(running);
    }

    /// <summary>Removes everything but the stream: the app is gone.</summary>
    public void Delete()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>The end of a build that an earlier host did not come to record.</summary>
    private static Build Settle(Build build, App app, DateTimeOffset? lastAlive) => build.Release is { } version ? app.Find(version) switch
    {
        { Status: ReleaseStatus.Succeeded } release => build with { Status = BuildStatus.Succeeded, UpdatedAt = release.UpdatedAt },
        { Status: ReleaseStatus.Failed } release => build with { Status = BuildStatus.Failed, Failure = release.Failure, UpdatedAt = release.UpdatedAt },
        _ => Abandon(build, lastAlive),
    }
    : Abandon(build, lastAlive);

    private static Build Abandon(Build build, DateTimeOffset? lastAlive) => build with
    {
        Status = BuildStatus.Abandoned,
        Failure = CutOff,
        UpdatedAt = lastAlive is { } alive && alive > build.UpdatedAt ? alive : build.UpdatedAt,
    };

    /// <summary>Now; but no two builds are wanted at one moment, for lists are in that order.</summary>
    private DateTimeOffset NextMoment()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();

            // A clock that was set back by more is believed.
            return _newest = now <= _newest && _newest - now < TimeSpan.FromSeconds(1) ? _newest.AddTicks(1) : now;
        }
    }

    private LogStream Nothing()
    {
        var nothing = new LogStream(_time, 1);
        nothing.Complete();
        return nothing;
    }

    private BuildLog? OpenLog(Guid id)
    {
        if (_directory is null)
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(_directory);
            Posix.SyncDirectory(Path.GetDirectoryName(_directory)!);
            return new BuildLog(PathOf(id)!, _time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.OutputNotKept(_logger, id, exception);
            return null;
        }
    }

    /// <summary>Removes the files of builds that are on record no more.</summary>
    private void RemoveOld()
    {
        // Listed first: a file is made after its build is on record, so none of those listed is a newer build's that is not known yet.
        var paths = Files();
        var known = _stream.Record.Builds.Select(build => build.Id).ToHashSet();
        foreach (var path in paths)
        {
            if (Guid.TryParse(Path.GetFileNameWithoutExtension(path), out var id) && known.Contains(id))
            {
                continue;
            }

            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // No reason not to build; the next build tries again.
                Log.NotRemoved(_logger, path, exception);
            }
        }
    }

    private string[] Files()
    {
        try
        {
            return Directory.Exists(_directory) ? Directory.GetFiles(_directory) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotRemoved(_logger, _directory!, exception);
            return [];
        }
    }

    private string? PathOf(Guid id) => _directory is null ? null : Path.Combine(_directory, id.ToString("D") + Suffix);

    private static partial class Log
    {
        [LoggerMessage(170, LogLevel.Error, "The output of build {Build} could not be kept on disk; it is shown until the host ends")]
        public static partial void OutputNotKept(ILogger logger, Guid build, Exception exception);

        [LoggerMessage(175, LogLevel.Warning, "The output of an old build, {Path}, could not be removed; it is tried again")]
        public static partial void NotRemoved(ILogger logger, string path, Exception exception);

        [LoggerMessage(171, LogLevel.Error, "The end of build {Build} could not be recorded; it is tried again")]
        public static partial void EndNotRecorded(ILogger logger, Guid build, Exception exception);
    }
}
