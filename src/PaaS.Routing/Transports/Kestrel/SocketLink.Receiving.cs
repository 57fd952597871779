using System.Buffers;
using System.Net.Sockets;

namespace PaaS.Routing;

/// <summary>What a dyno sends, and how it ends.</summary>
internal sealed partial class SocketLink
{
    private void Receive()
    {
        if (_isReceiving || _isOffering || HasPeerEnded || IsGone)
        {
            return;
        }

        _isReceiving = true;
        _receive!.SetBuffer(_buffer.Room());
        if (!_socket!.ReceiveAsync(_receive))
        {
            Report(_receive.Event);
        }
    }

    private void Offer(bool isFull)
    {
        _isOffering = true;
        if (isFull)
        {
            ReadMuch();
        }
        else
        {
            _buffer.Take(Handler!.OnBytes(_buffer.Held));
        }

        _isOffering = false;
        GoOn();
    }

    /// <summary>There is more than the small buffer holds: reads on until nothing is left.</summary>
    private void ReadMuch()
    {
        var size = Math.Max(LargeSize, _buffer.Length * 2);
        var large = ArrayPool<byte>.Shared.Rent(size);
        var length = _buffer.Length;
        _buffer.Held.CopyTo(large);
        _buffer.Clear();
        for (var total = 0; ;)
        {
            var room = large.Length - length;
            var result = ReadNow(large.AsSpan(length), out var count);
            length += count;
            total += count;
            var taken = length == 0 ? 0 : Handler!.OnBytes(large.AsSpan(0, length));
            length -= taken;
            if (length > 0)
            {
                large.AsSpan(taken, length).CopyTo(large);
            }

            HasPeerEnded |= result == SocketError.Disconnecting;
            _isLost |= result == SocketError.ConnectionReset;
            if (count < room || room == 0 || total >= MaxAtOnce || IsPaused || IsClosed || _keep >= 0)
            {
                break;
            }
        }

        if (length > 0 && !IsGone)
        {
            _buffer.Hold(large.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(large);
    }

    /// <summary>Reads what is there. Disconnecting: the dyno has ended the stream; ConnectionReset: the connection is lost, in whatever way.</summary>
    private SocketError ReadNow(Span<byte> room, out int count)
    {
        if (room.IsEmpty)
        {
            count = 0;
            return SocketError.Success;
        }

        count = _socket!.Receive(room, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success when count == 0 => SocketError.Disconnecting,
            SocketError.Success or SocketError.WouldBlock => error,
            _ => SocketError.ConnectionReset,
        };
    }

    /// <summary>Does what is next after bytes were looked at.</summary>
    private void GoOn()
    {
        if (IsGone)
        {
            Free();
        }
        else if (_keep >= 0)
        {
            KeepNow();
        }
        else if (IsClosed)
        {
            _buffer.Clear();
            Settle();
            Receive();
        }
        else if (IsPaused && _buffer.Length > 0)
        {
            if (HasPeerEnded)
            {
                TellEndAhead();
            }
        }
        else if (_isLost)
        {
            Fail();
        }
        else if (HasPeerEnded)
        {
            TellEnd();
        }
        else
        {
            Receive();
        }
    }

    private void KeepNow()
    {
        var (lane, keep) = (Owner!, _keep);
        _keep = -1;
        IsPaused = false;
        if (IsClosed)
        {
            return;
        }

        if (_buffer.Length > 0 || _isLost)
        {
            Abort();
            return;
        }

        // Posted while the connection is still this lane's; afterwards another one's may have it at any moment.
        Receive();
        if (HasPeerEnded || Unsent > 0 || !pool.TryKeep(this, lane.Now, lane.Now + keep))
        {
            Close();
        }
    }

    private void OnPeerEnd()
    {
        HasPeerEnded = true;
        if (IsClosed)
        {
            Settle();
        }
        else if (IsPaused && _buffer.Length > 0)
        {
            TellEndAhead();
        }
        else
        {
            TellEnd();
        }
    }

    private void TellEnd()
    {
        if (!_endIsTold)
        {
            _endIsTold = true;
            Handler?.OnEnd();
        }
    }

    private void TellEndAhead()
    {
        if (!_endAheadIsTold)
        {
            _endAheadIsTold = true;
            Handler?.OnEndAhead();
        }
    }

    private void OnLost()
    {
        if (IsPaused && _buffer.Length > 0 && !IsClosed)
        {
            _isLost = true;
        }
        else
        {
            Fail();
        }
    }

    private void Drop(int count)
    {
        _buffer.Clear();
        _dropped += count;
        if (_dropped > MaxDropped)
        {
            Leave(reset: true);
        }
        else
        {
            Receive();
        }
    }

    private void Free()
    {
        _buffer.Clear();
        _receive?.Dispose();
    }
}
