using System.Globalization;

namespace PaaS.Hosting;

/// <summary>
/// A file that says, to the second, when the host was last alive: what its dynos have run is counted to there after a
/// crash. Not synced to the disk: it has to outlive the process, and after a crash of the machine a minute or so is lost.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _disposed;

    private Heartbeat(string path, DateTimeOffset? last, TimeProvider time)
    {
        (_path, Last, _time) = (path, last, time);
        _timer = time.CreateTimer(static state => ((Heartbeat)state!).Beat(), this, TimeSpan.Zero, Interval);
    }

    /// <summary>When the host before this one was last alive; null if that is not known.</summary>
    public DateTimeOffset? Last { get; }

    /// <summary>Reads what the host before has left, and begins to beat.</summary>
    public static Heartbeat Start(string path, TimeProvider time)
    {
        DateTimeOffset? last = File.Exists(path) && DateTimeOffset.TryParseExact(File.ReadAllText(path), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) ? read : null;
        return new Heartbeat(path, last, time);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
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
            }
            catch (IOException)
            {
                // A full disk: the next beat may get through, and the journal says loudly what it cannot write.
            }
        }
    }
}
