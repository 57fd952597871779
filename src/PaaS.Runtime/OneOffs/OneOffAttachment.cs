namespace PaaS.Runtime;

/// <summary>
/// A client's connection to a one-off dyno. There before the dyno is: what is written waits for it. Knows when the last byte
/// went through, either way. When the client has gone, it reads on for nobody: a full pipe would keep the dyno from ending.
/// </summary>
internal sealed class OneOffAttachment : DynoAttachment
{
    private const int BufferSize = 16 * 1024;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<DynoAttachment?> _dyno = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly TimeProvider _time;
    private readonly Action _read;
    private readonly Action<Task> _lost;
    private Task<int>? _filling;
    private int _start;
    private int _end;
    private TerminalSize? _size;
    private bool _inputClosed;
    private bool _disposed;
    private long _lastByte;

    /// <summary>Makes a connection.</summary>
    /// <param name="time">The clock of its silence.</param>
    /// <param name="read">Called when the client has read the output to its end.</param>
    /// <param name="lost">Called once, when the client has gone or was cut off, with the work of reading on.</param>
    public OneOffAttachment(TimeProvider time, Action read, Action<Task> lost)
    {
        _time = time;
        _read = read;
        _lost = lost;
        Touch();
    }

    /// <summary>When the last byte went through.</summary>
    public DateTimeOffset LastByte => new(Volatile.Read(ref _lastByte), TimeSpan.Zero);

    /// <summary>The dyno has started, or never will.</summary>
    /// <param name="dyno">Its end of the connection; <see langword="null"/> if there is none.</param>
    public void Connect(DynoAttachment? dyno)
    {
        lock (_gate)
        {
            if (dyno is not null && _size is { } size)
            {
                dyno.Resize(size);
            }

            if (dyno is not null && _inputClosed)
            {
                dyno.CloseInput();
            }

            _dyno.TrySetResult(dyno);
        }
    }

    /// <summary>Cuts the client off: it reads the end, and can write no more.</summary>
    public void Disconnect()
    {
        lock (_gate)
        {
            if (_closed.Task.IsCompleted)
            {
                return;
            }

            _closed.TrySetResult();
            _closing.Cancel();
        }

        _lost(ReadOnAsync());
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty || _closed.Task.IsCompleted)
        {
            return 0;
        }

        if (_start == _end)
        {
            // Given up by its token, a read leaves what comes to the next one.
            var filling = Fill();
            await Task.WhenAny(filling, _closed.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_closed.Task.IsCompleted)
            {
                return 0;
            }

            (_start, _end) = (0, await filling.ConfigureAwait(false));
            if (_end == 0)
            {
                _read();
                return 0;
            }

            Filled(filling);
            Touch();
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            if (await _dyno.Task.WaitAsync(ending.Token).ConfigureAwait(false) is { } dyno)
            {
                Touch();
                await dyno.WriteAsync(buffer, ending.Token).ConfigureAwait(false);
                Touch();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The connection to the dyno was closed.");
        }
    }

    public override void Resize(TerminalSize size)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size.Columns);
        ArgumentOutOfRangeException.ThrowIfZero(size.Rows);
        lock (_gate)
        {
            _size = size;
            if (_dyno.Task is { IsCompletedSuccessfully: true, Result: { } dyno })
            {
                dyno.Resize(size);
            }
        }
    }

    public override void CloseInput()
    {
        lock (_gate)
        {
            if (!_inputClosed && _dyno.Task is { IsCompletedSuccessfully: true, Result: { } dyno })
            {
                dyno.CloseInput();
            }

            _inputClosed = true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        Disconnect();
        base.Dispose(disposing);
    }

    private void Touch() => Volatile.Write(ref _lastByte, _time.GetUtcNow().UtcTicks);

    private Task<int> Fill()
    {
        lock (_gate)
        {
            return _filling ??= FillAsync();
        }
    }

    private void Filled(Task<int> filling)
    {
        lock (_gate)
        {
            _filling = _filling == filling ? null : _filling;
        }
    }

    private async Task<int> FillAsync()
    {
        try
        {
            return await _dyno.Task.ConfigureAwait(false) is { } dyno ? await dyno.ReadAsync(_buffer).ConfigureAwait(false) : 0;
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The dyno was removed under the read: that is its end.
            return 0;
        }
    }

    private async Task ReadOnAsync()
    {
        while (true)
        {
            var filling = Fill();
            if (await filling.ConfigureAwait(false) == 0)
            {
                return;
            }

            Filled(filling);
        }
    }
}
