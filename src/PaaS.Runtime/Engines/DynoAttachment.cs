namespace PaaS.Runtime;

/// <summary>
/// The other end of an attached dyno's input and output: reading gives what it writes, until the end of its output;
/// writing is its input. One reader and one writer may work at the same time. Disposing it disconnects: it does not end
/// the dyno.
/// </summary>
public abstract class DynoAttachment : Stream
{
    /// <summary>Changes the size of the dyno's terminal. Does nothing if it has none.</summary>
    /// <param name="size">The new size.</param>
    /// <exception cref="ArgumentOutOfRangeException">It has no columns or no rows.</exception>
    public abstract void Resize(TerminalSize size);

    /// <summary>Ends the dyno's input; its output goes on. A terminal gets its end-of-file character.</summary>
    public abstract void CloseInput();

    /// <inheritdoc/>
    public sealed override bool CanRead => true;

    /// <inheritdoc/>
    public sealed override bool CanWrite => true;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override long Length => throw new NotSupportedException("What a dyno writes has no length.");

    /// <inheritdoc/>
    public sealed override long Position
    {
        get => throw new NotSupportedException("What a dyno writes has no position.");
        set => throw new NotSupportedException("What a dyno writes has no position.");
    }

    /// <inheritdoc/>
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: a dyno may be silent for an hour, and would hold a thread for as long.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read an attachment asynchronously: ReadAsync.");

    /// <summary>Not supported, as <see cref="Read(byte[], int, int)"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write to an attachment asynchronously: WriteAsync.");

    /// <inheritdoc/>
    public sealed override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("What a dyno writes can't be read again.");

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException("What a dyno writes has no length.");
}
