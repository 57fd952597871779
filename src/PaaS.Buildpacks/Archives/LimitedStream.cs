namespace PaaS.Buildpacks;

/// <summary>Passes bytes on up to a limit. Disposing it leaves the stream behind it open.</summary>
internal sealed class LimitedStream(Stream inner, long limit) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Count(buffer.Length))
        {
            inner.Write(buffer);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(buffer.Length) ? inner.WriteAsync(buffer, cancellationToken) : ValueTask.CompletedTask;

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Whether the bytes pass. Throws when the limit is crossed.</summary>
    private bool Count(int count)
    {
        // After that nothing passes and nothing throws: a compressor that is being disposed still writes its tail.
        if (_written > limit)
        {
            return false;
        }

        _written += count;
        return _written <= limit
            ? true
            : throw new SlugArchiveException($"Compiled slug size is too large (max is {ByteCount.Short(limit)}). Have the build remove what the app does not need, or list it in .slugignore.");
    }
}
