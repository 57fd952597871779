using System.Buffers;

namespace PaaS.Routing;

/// <summary>Receiving, and the bytes that the handler has left.</summary>
internal abstract unsafe partial class EpollLink
{
    /// <summary>Bytes that a handler has left are added to by at least this much.</summary>
    private const int LeastRoom = 2048;

    private byte[] _held = [];
    private int _heldAt;
    private int _heldLength;

    /// <summary>A handler that does not pause leaves no more than an unfinished head.</summary>
    private int MostHeld => Math.Max(Loop.Engine.HeadLimits.Head, Loop.Engine.HeadLimits.ResponseHead) + EventLoop.BufferSize;

    private bool HasUnread()
    {
        byte one;
        return _heldLength > 0 || LibC.Receive(Descriptor, &one, 1, Linux.Peek) > 0;
    }

    private void Read()
    {
        _state &= ~LinkState.Readable;
        if (_heldLength > 0)
        {
            ReadBehindHeld();
            return;
        }

        var count = Receive(Loop.Buffer, EventLoop.BufferSize);
        if (count > 0)
        {
            var bytes = new ReadOnlySpan<byte>(Loop.Buffer, count);
            var taken = Offer(bytes);
            if (taken < count && !IsDone)
            {
                Hold(bytes[taken..]);
            }

            GoOn();
        }
    }

    private void ReadBehindHeld()
    {
        MakeRoom();
        var end = _heldAt + _heldLength;
        int count;
        fixed (byte* held = _held)
        {
            count = Receive(held + end, _held.Length - end);
        }

        if (count > 0)
        {
            _heldLength += count;
            OfferHeld();
        }
    }

    /// <summary>Receives once.</summary>
    /// <returns>How much; 0 or less if there was nothing, and what follows from that was done.</returns>
    private int Receive(byte* buffer, int room)
    {
        int count;
        do
        {
            count = (int)LibC.Receive(Descriptor, buffer, room, 0);
        }
        while (count < 0 && LibC.Error == Linux.Interrupted);

        if (count == room)
        {
            _state |= LinkState.Readable;
        }
        else if (count == 0)
        {
            _state |= LinkState.EndSeen;
            GoOn();
        }
        else if (count < 0)
        {
            if (LibC.Error != Linux.Again)
            {
                _state |= LinkState.Failed;
            }

            GoOn();
        }

        return count;
    }

    private int Offer(ReadOnlySpan<byte> bytes)
    {
        _state |= LinkState.Offering;
        var taken = Handler!.OnBytes(bytes);
        _state &= ~LinkState.Offering;
        return (uint)taken <= (uint)bytes.Length ? taken : throw new InvalidOperationException($"A handler took {taken} of {bytes.Length} bytes.");
    }

    private void OfferHeld()
    {
        var taken = Offer(_held.AsSpan(_heldAt, _heldLength));
        if (!IsDone)
        {
            _heldAt += taken;
            _heldLength -= taken;
            if (_heldLength == 0)
            {
                ReleaseHeld();
            }

            GoOn();
        }
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        _held = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(_held);
        (_heldAt, _heldLength) = (0, bytes.Length);
    }

    /// <summary>Room behind what is held. A handler that pauses is not given more, so that only a handler at fault can come to the limit.</summary>
    private void MakeRoom()
    {
        if (_held.Length - _heldAt - _heldLength >= LeastRoom)
        {
            return;
        }

        if (_heldLength > MostHeld)
        {
            throw new InvalidOperationException($"A handler left {_heldLength} bytes without pausing its link.");
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_heldLength * 2, _heldLength + LeastRoom));
        _held.AsSpan(_heldAt, _heldLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_held);
        (_held, _heldAt) = (larger, 0);
    }

    private void ReleaseHeld()
    {
        if (_held.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_held);
        }

        (_held, _heldAt, _heldLength) = ([], 0, 0);
    }
}
