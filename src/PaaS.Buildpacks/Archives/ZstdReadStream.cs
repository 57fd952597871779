namespace PaaS.Buildpacks;

/// <summary>Decompresses frames of zstd, one after the other, in memory of a fixed size.</summary>
internal sealed class ZstdReadStream(Zstd zstd, Stream source) : ReadOnlyStream
{
    private readonly Zstd.Decompressor _decompressor = zstd.OpenDecompressor();
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;
    private bool _hasMore;
    private bool _isBetweenFrames = true;

    /// <exception cref="InvalidDataException">It is damaged or cut off.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_start == _end && !_hasMore)
            {
                (_start, _end) = (0, await source.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false));
                if (_end == 0)
                {
                    return _isBetweenFrames ? 0 : throw new InvalidDataException("The last frame of zstd is cut off.");
                }
            }

            var length = zstd.Decompress(_decompressor, _buffer.AsSpan(_start, _end - _start), buffer.Span, out var consumed, out _isBetweenFrames);
            _start += consumed;
            _hasMore = length == buffer.Length && !_isBetweenFrames;
            if (length > 0)
            {
                return length;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decompressor.Dispose();
        }

        base.Dispose(disposing);
    }
}
