using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace PaaS.Core;

/// <summary>
/// One app's log: numbered lines in a bounded ring. Writing never waits and never throws; the oldest line makes room.
/// A reader is a cursor into the ring: it gets the backlog, then follows, with no gap and no repeat; when it is so slow
/// that the ring overtakes it, it is told how many lines it missed (L11).
/// </summary>
public sealed class LogStream
{
    /// <summary>How many lines are kept by default (Logplex: 1,500).</summary>
    public const int DefaultCapacity = 1500;

    /// <summary>The longest line in bytes; a longer one is cut into pieces of this size (Logplex's shuttle: 10,000).</summary>
    public const int MaxLineBytes = 10_000;

    private const int BatchSize = 256;
    private const int FirstBlockSize = 1024;
    private const int BlockSize = 16 * 1024;

    /// <summary>The ring's size at first: a quiet log costs little, whatever it may hold.</summary>
    private const int FirstSize = 64;
    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);
    private readonly Lock _gate = new();
    private readonly int _capacity;
    private LogLine[] _ring;
    private int _blockSize = FirstBlockSize;
    private Memory<byte> _block;
    private readonly TimeProvider _time;
    private long _written;
    private TaskCompletionSource? _waiting;
    private bool _completed;

    /// <summary>Makes an empty log.</summary>
    /// <param name="time">The clock that stamps the lines.</param>
    /// <param name="capacity">How many lines to keep, 1 to 1,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    public LogStream(TimeProvider? time = null, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        _time = time ?? TimeProvider.System;
        _capacity = capacity;
        _ring = new LogLine[Math.Min(capacity, FirstSize)];
    }

    /// <summary>How many lines are kept.</summary>
    public int Capacity => _capacity;

    /// <summary>The number of the newest line; 0 if there is none yet.</summary>
    public long LastNumber
    {
        get
        {
            lock (_gate)
            {
                return _written;
            }
        }
    }

    /// <summary>
    /// Writes one line, such as the platform's own: a line break in the text is written as a blank, and what is over
    /// <see cref="MaxLineBytes"/> is left out, so that nothing in it that came from outside can begin a line of the platform's.
    /// </summary>
    /// <param name="source">Who speaks.</param>
    /// <param name="process">The process: <c>web.1</c>, <c>router</c>, <c>api</c>.</param>
    /// <param name="text">The text.</param>
    public void Write(LogSource source, string process, string text)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(text);
        var line = Encoding.UTF8.GetBytes(text);
        line.AsSpan().ReplaceAny(LineBreaks, (byte)' ');
        Append(source, process, line.AsMemory(0, Math.Min(line.Length, MaxLineBytes)));
    }

    /// <summary>Writes a line. The bytes are kept, not copied. Line breaks inside start new lines, so that no text can forge a line of another source.</summary>
    /// <param name="source">Who speaks.</param>
    /// <param name="process">The process: <c>web.1</c>, <c>router</c>, <c>api</c>.</param>
    /// <param name="text">The text, without a final line break.</param>
    public void Write(LogSource source, string process, ReadOnlyMemory<byte> text)
    {
        ArgumentNullException.ThrowIfNull(process);
        while (true)
        {
            var end = text.Span.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            do
            {
                var piece = line.Length > MaxLineBytes ? line[..MaxLineBytes] : line;
                Append(source, process, piece);
                line = line[piece.Length..];
            }
            while (!line.IsEmpty);

            if (end < 0)
            {
                return;
            }

            text = text[(end + 1)..];
        }
    }

    /// <summary>The same for bytes that the caller uses again: they are copied.</summary>
    /// <param name="source">Who speaks.</param>
    /// <param name="process">The process: <c>web.1</c>, <c>router</c>, <c>api</c>.</param>
    /// <param name="text">The text, without a final line break.</param>
    public void Write(LogSource source, string process, ReadOnlySpan<byte> text)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (text.Length > MaxLineBytes || text.Contains((byte)'\n'))
        {
            Write(source, process, (ReadOnlyMemory<byte>)text.ToArray());
            return;
        }

        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _completed ? null : Add(source, process, Copy(text));
        }

        waiting?.TrySetResult();
    }

    /// <summary>Ends the log: readers that follow get what is there and then end. Later writes are dropped.</summary>
    public void Complete()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _completed = true;
            (waiting, _waiting) = (_waiting, null);
        }

        waiting?.TrySetResult();
    }

    /// <summary>Reads the log.</summary>
    /// <param name="tail">What to read; the last 100 lines if left out.</param>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<LogLine> TailAsync(LogTail? tail = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        tail ??= new LogTail();
        var batch = new LogLine[BatchSize];
        var (cursor, end) = Begin(tail);
        while (true)
        {
            var count = Read(ref cursor, tail.Follow ? long.MaxValue : end, batch, out var missed, out var more, out var completed);
            if (missed > 0)
            {
                var since = _time.GetUtcNow();
                yield return new LogLine(cursor - count, since, LogSource.Heroku, "logplex", Encoding.UTF8.GetBytes($"Error L11 (Tail buffer overflow) -> This tail session dropped {missed} messages since {since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}+00:00."));
            }

            for (var i = 0; i < count; i++)
            {
                if (tail.Matches(batch[i]))
                {
                    yield return batch[i];
                }
            }

            if (count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            if (!tail.Follow || completed)
            {
                yield break;
            }

            await more!.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Lines share blocks of memory, which go when the ring has gone over all of a block's lines. The first blocks are small, for most logs are
    /// quiet. Called in the lock.
    /// </summary>
    private Memory<byte> Copy(ReadOnlySpan<byte> text)
    {
        if (_block.Length < text.Length)
        {
            _block = GC.AllocateUninitializedArray<byte>(Math.Max(_blockSize, text.Length));
            _blockSize = Math.Min(_blockSize * 2, BlockSize);
        }

        var copy = _block[..text.Length];
        _block = _block[text.Length..];
        text.CopyTo(copy.Span);
        return copy;
    }

    private void Append(LogSource source, string process, ReadOnlyMemory<byte> text)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _completed ? null : Add(source, process, text);
        }

        waiting?.TrySetResult();
    }

    /// <summary>Called in the lock. Who waits for a line is to be told outside of it.</summary>
    private TaskCompletionSource? Add(LogSource source, string process, ReadOnlyMemory<byte> text)
    {
        if (_written == _ring.Length && _ring.Length < _capacity)
        {
            // Not yet gone round: every line stays at its place.
            Array.Resize(ref _ring, Math.Min(_capacity, _ring.Length * 2));
        }

        var number = ++_written;
        _ring[(number - 1) % _ring.Length] = new LogLine(number, _time.GetUtcNow(), source, process, text);
        var waiting = _waiting;
        _waiting = null;
        return waiting;
    }

    /// <summary>Where a reader starts: the number of the line before its first one, and of the last line there is now.</summary>
    private (long Cursor, long End) Begin(LogTail tail)
    {
        lock (_gate)
        {
            if (tail.After is { } after)
            {
                return (Math.Clamp(after, 0, _written), _written);
            }

            var oldest = Math.Max(0, _written - _ring.Length);
            var cursor = _written;
            for (var wanted = tail.Lines; wanted > 0 && cursor > oldest; cursor--)
            {
                if (tail.Matches(_ring[(cursor - 1) % _ring.Length]))
                {
                    wanted--;
                }
            }

            return (cursor, _written);
        }
    }

    private int Read(ref long cursor, long end, LogLine[] batch, out long missed, out Task? more, out bool completed)
    {
        lock (_gate)
        {
            var oldest = Math.Max(0, _written - _ring.Length);
            missed = Math.Max(0, oldest - cursor);
            cursor = Math.Max(cursor, oldest);
            var last = Math.Min(_written, end);
            var count = (int)Math.Clamp(last - cursor, 0, batch.Length);
            for (var i = 0; i < count; i++)
            {
                batch[i] = _ring[(cursor + i) % _ring.Length];
            }

            cursor += count;
            completed = _completed;
            more = count > 0 || completed ? null : (_waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return count;
        }
    }
}
