using System.Globalization;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// What one build prints, on its way to a file: the first <see cref="HeadBytes"/> go there as they come, so that a host that is killed
/// leaves them; of the rest the last <see cref="TailBytes"/> follow when the build ends. One thread at a time.
/// </summary>
internal sealed class BuildLog : IDisposable
{
    /// <summary>How much of the beginning is kept: 3 MiB.</summary>
    public const int HeadBytes = 3 << 20;

    /// <summary>How much of the end is kept beside it: 1 MiB.</summary>
    public const int TailBytes = 1 << 20;

    /// <summary>How many lines of the beginning are kept, however short they are.</summary>
    public const int HeadLines = 40_000;

    /// <summary>How many lines of the end are kept beside them.</summary>
    public const int TailLines = 10_000;

    private static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _tail = new();
    private readonly FileStream _file;
    private readonly ITimer _flush;
    private long _bytes;
    private int _lines;
    private int _tailBytes;
    private long _leftOut;
    private bool _isFlushing;
    private bool _ended;

    public BuildLog(string path, TimeProvider time)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 64 * 1024 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(path, options);
        _flush = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Why the disk took no more, if that has happened. What came afterwards is not kept.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Reads a file that this has written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Stamps the lines.</param>
    public static LogStream Read(string path, TimeProvider time)
    {
        ReadOnlyMemory<byte> rest = File.ReadAllBytes(path);
        var stream = new LogStream(time, HeadLines + TailLines + 2);
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            stream.Write(LogSource.Heroku, "slug-compiler", end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        stream.Complete();
        return stream;
    }

    public void Write(ReadOnlyMemory<byte> line)
    {
        lock (_gate)
        {
            if (_ended || Failure is not null)
            {
                return;
            }

            if (_tail.Count > 0 || _lines >= HeadLines || _bytes + line.Length >= HeadBytes)
            {
                Keep(line);
                return;
            }

            (_lines, _bytes) = (_lines + 1, _bytes + line.Length + 1);
            Try(() => Put(line.Span));
            if (!_isFlushing)
            {
                _isFlushing = true;
                _flush.Change(FlushDelay, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Writes what is left; durable when this returns, but for the name of the file.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            Try(() =>
            {
                if (_leftOut > 0)
                {
                    Put(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"[{_leftOut} lines were left out here]")));
                }

                foreach (var line in _tail)
                {
                    Put(line.Span);
                }

                _file.Flush(flushToDisk: true);
            });
        }

        Dispose();
    }

    public void Dispose()
    {
        _flush.Dispose();
        lock (_gate)
        {
            _ended = true;
            Try(_file.Dispose);
        }
    }

    private void Keep(ReadOnlyMemory<byte> line)
    {
        _tail.Enqueue(line);
        _tailBytes += line.Length + 1;
        while (_tailBytes > TailBytes || _tail.Count > TailLines)
        {
            _tailBytes -= _tail.Dequeue().Length + 1;
            _leftOut++;
        }
    }

    private void Flush()
    {
        lock (_gate)
        {
            _isFlushing = false;
            if (!_ended)
            {
                Try(() => _file.Flush());
            }
        }
    }

    private void Put(ReadOnlySpan<byte> line)
    {
        _file.Write(line);
        _file.WriteByte((byte)'\n');
    }

    // The build goes on when its output cannot be kept: whoever waits for it sees it all the same.
    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failure ??= exception;
        }
    }
}
