using System.Threading.Channels;

namespace PaaS.Buildpacks;

/// <summary>Reads a stream in the background, a few pieces ahead: what is behind it is decompressed while what came out is written to disk.</summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int Pieces = 4;
    private const int PieceLength = 128 * 1024;
    private readonly Stream _inner;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<byte[]> _free = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<(byte[] Piece, int Length)> _filled = Channel.CreateUnbounded<(byte[], int)>();
    private readonly Task _reading;
    private byte[]? _piece;
    private int _length;
    private int _position;

    /// <summary>Begins to read.</summary>
    /// <param name="inner">The stream; it is disposed with this one, and nobody else reads it meanwhile.</param>
    public ReadAheadStream(Stream inner)
    {
        _inner = inner;
        for (var i = 0; i < Pieces; i++)
        {
            _free.Writer.TryWrite(new byte[PieceLength]);
        }

        _reading = Task.Run(FillAsync);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length)
        {
            if (_piece is not null)
            {
                _free.Writer.TryWrite(_piece);
                (_piece, _position, _length) = (null, 0, 0);
            }

            // Throws what reading threw.
            if (!await _filled.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) || !_filled.Reader.TryRead(out var next))
            {
                return 0;
            }

            (_piece, _length) = next;
        }

        var count = Math.Min(buffer.Length, _length - _position);
        _piece.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _inner.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task FillAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var piece = await _free.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                var length = await _inner.ReadAtLeastAsync(piece, PieceLength, throwOnEndOfStream: false, _stop.Token).ConfigureAwait(false);
                if (length == 0)
                {
                    break;
                }

                _filled.Writer.TryWrite((piece, length));
            }
        }
        catch (Exception e)
        {
            // Whoever reads gets it.
            failure = e;
        }

        _filled.Writer.Complete(failure);
    }
}
