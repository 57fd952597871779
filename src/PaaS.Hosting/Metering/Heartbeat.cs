using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// A file that says, to the second, when the host was last alive: what its dynos have run is counted to there after a
/// crash. Not synced to the disk: it has to outlive the process, and after a crash of the machine a minute or so is lost.
/// </summary>
internal sealed partial class Heartbeat : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _fails;
    private bool _disposed;

    private Heartbeat(string path, DateTimeOffset? last, TimeProvider time, ILogger logger)
    {
        (_path, Last, _time, _logger) = (path, last, time, logger);
        _timer = time.CreateTimer(static state => ((Heartbeat)state!).Beat(), this, TimeSpan.Zero, Interval);
    }

    /// <summary>When the host before this one was last alive; null if that is not known.</summary>
    public DateTimeOffset? Last { get; }

    /// <summary>Reads what the host before has left, and begins to beat.</summary>
    public static Heartbeat Start(string path, TimeProvider time, ILogger logger) => new(path, Read(path, logger), time, logger);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private static DateTimeOffset? Read(string path, ILogger logger)
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var text = File.ReadAllText(path);
            if (DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last))
            {
                return last;
            }

            Log.NotReadable(logger, path, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotReadable(logger, path, exception);
        }

        return null;
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            try
            {
                // Renamed into place: a host killed in the middle leaves the beat before.
                File.WriteAllText(_path + ".tmp", _time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
                File.Move(_path + ".tmp", _path, overwrite: true);
                _fails = false;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // A full disk: the next beat may get through. On a timer's thread it would end the process; said once, not every second.
                if (!_fails)
                {
                    Log.NotWritten(_logger, _path, exception);
                }

                _fails = true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(151, LogLevel.Warning, "{Path} does not say when the host was last alive: what dynos ran that a crash has ended is not counted")]
        public static partial void NotReadable(ILogger logger, string path, Exception? exception);

        [LoggerMessage(152, LogLevel.Warning, "{Path} cannot be written: after a crash, what dynos have run is counted to its last content")]
        public static partial void NotWritten(ILogger logger, string path, Exception exception);
    }
}
