using System.Buffers;
using System.Runtime.CompilerServices;

namespace PaaS.Routing;

internal abstract unsafe partial class EpollLink
{
    private byte[] _unsent = [];
    private int _unsentAt;
    private int _unsentLength;

    public override int Unsent => _unsentLength;

    public override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        if (Is(LinkState.Gone | LinkState.Closing | LinkState.Failed | LinkState.EndWanted))
        {
            return;
        }

        var sent = 0;
        if (_unsentLength == 0 && !Is(LinkState.Connecting))
        {
            sent = second.IsEmpty && third.IsEmpty ? Transmit(first) : Transmit(first, second, third);
            if (sent == first.Length + second.Length + third.Length || Is(LinkState.Failed))
            {
                return;
            }
        }

        KeepUnsent(first, ref sent);
        KeepUnsent(second, ref sent);
        KeepUnsent(third, ref sent);
    }

    public override void End()
    {
        if (!Is(LinkState.EndWanted | LinkState.Closing | LinkState.Gone))
        {
            _state |= LinkState.EndWanted;
            if (_unsentLength == 0 && !Is(LinkState.Connecting))
            {
                _ = LibC.Shutdown(Descriptor, Linux.ShutdownSending);
            }
        }
    }

    /// <summary>The connection stands. What was sent before goes with the event that said so; an end alone goes now.</summary>
    protected void StartSending()
    {
        if (Is(LinkState.EndWanted) && _unsentLength == 0)
        {
            _ = LibC.Shutdown(Descriptor, Linux.ShutdownSending);
        }
    }

    private int Transmit(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint sent;
            do
            {
                sent = LibC.Send(Descriptor, start, bytes.Length, Linux.NoSignal);
            }
            while (sent < 0 && LibC.Error == Linux.Interrupted);

            return sent >= 0 ? (int)sent : NotSent();
        }
    }

    [SkipLocalsInit]
    private int Transmit(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        fixed (byte* one = first, two = second, three = third)
        {
            var pieces = stackalloc LibC.Piece[3];
            pieces[0] = new LibC.Piece { Bytes = one, Length = first.Length };
            pieces[1] = new LibC.Piece { Bytes = two, Length = second.Length };
            pieces[2] = new LibC.Piece { Bytes = three, Length = third.Length };
            var message = new LibC.Message { Pieces = pieces, PieceCount = third.IsEmpty ? 2 : 3 };
            nint sent;
            do
            {
                sent = LibC.SendMessage(Descriptor, &message, Linux.NoSignal);
            }
            while (sent < 0 && LibC.Error == Linux.Interrupted);

            return sent >= 0 ? (int)sent : NotSent();
        }
    }

    /// <summary>The kernel took nothing: its buffer is full, or the connection is lost. The handler hears of that in a turn of its own, after what the peer may have sent before.</summary>
    private int NotSent()
    {
        if (LibC.Error != Linux.Again)
        {
            _state |= LinkState.Failed | LinkState.Readable;
            Queue();
        }

        return 0;
    }

    private void KeepUnsent(ReadOnlySpan<byte> bytes, ref int sent)
    {
        var skipped = Math.Min(sent, bytes.Length);
        sent -= skipped;
        bytes = bytes[skipped..];
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_unsent.Length - _unsentAt - _unsentLength < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_unsentLength * 2, _unsentLength + bytes.Length));
            _unsent.AsSpan(_unsentAt, _unsentLength).CopyTo(larger);
            if (_unsent.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_unsent);
            }

            (_unsent, _unsentAt) = (larger, 0);
        }

        bytes.CopyTo(_unsent.AsSpan(_unsentAt + _unsentLength));
        _unsentLength += bytes.Length;
    }

    /// <summary>The socket has room.</summary>
    private void SendUnsent()
    {
        var sent = Transmit(_unsent.AsSpan(_unsentAt, _unsentLength));
        if (Is(LinkState.Failed))
        {
            ReleaseUnsent();
            return;
        }

        _unsentAt += sent;
        _unsentLength -= sent;
        if (_unsentLength > 0)
        {
            if (sent > 0)
            {
                _lingering?.WaitFor(Loop, Loop.StallTime);
            }

            return;
        }

        ReleaseUnsent();
        if (Is(LinkState.EndWanted))
        {
            _ = LibC.Shutdown(Descriptor, Linux.ShutdownSending);
        }

        if (Is(LinkState.Closing))
        {
            OnClosingSent();
        }
        else
        {
            Handler!.OnSent();
        }
    }

    private void ReleaseUnsent()
    {
        if (_unsent.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_unsent);
        }

        (_unsent, _unsentAt, _unsentLength) = ([], 0, 0);
    }
}
