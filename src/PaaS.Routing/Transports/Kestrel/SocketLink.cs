using System.Buffers;
using System.Net.Sockets;

namespace PaaS.Routing;

/// <summary>
/// A connection to a dyno on a socket. A receive is always posted, with a small buffer, also while nobody uses the connection: so that a
/// dyno that closes it is noticed, and so that a request needs no look at it before. Much at once is read into a large buffer of the pool.
/// </summary>
internal sealed class SocketLink(SocketPool pool, ConnectionLane lane) : LaneLink
{
    private const int LargeSize = 64 * 1024;

    /// <summary>As much is read in one go; then others have their turn.</summary>
    private const int MaxAtOnce = 256 * 1024;

    /// <summary>As much is dropped of what a dyno sends on a closed connection; then it is cut.</summary>
    private const int MaxDropped = 1024 * 1024;

    private readonly ReceiveBuffer _buffer = new();
    private ConnectionLane? _owner = lane;
    private Socket? _socket;
    private SocketReceive? _receive;
    private SocketResume? _resume;
    private SocketError _connectError;
    private bool _isReceiving;
    private bool _isOffering;
    private bool _isLost;
    private bool _endIsTold;
    private bool _endAheadIsTold;
    private bool _willResume;
    private long _keep = -1;
    private int _dropped;
    private int _discarded;
    private volatile bool _hasNews;

    /// <summary>The engine's machine on it.</summary>
    public DynoHalf? Half { get; set; }

    /// <summary>The lane that has it; null: it is kept, and belongs to nobody. Changes to null and from null under the pool's lock.</summary>
    public ConnectionLane? Owner
    {
        get => Volatile.Read(ref _owner);
        set => Volatile.Write(ref _owner, value);
    }

    /// <summary>Something came that no lane has handled yet.</summary>
    public bool HasNews => _hasNews;

    public long KeptSince { get; set; }

    public long KeptUntil { get; set; }

    protected override bool WillLearnOfLoss => !HasPeerEnded && (_isReceiving || _isOffering || _buffer.Length > 0);

    protected override ConnectionLane ClosingLane => Owner!;

    public override void Dispatch(LaneEvent @event)
    {
        var owner = Owner ?? pool.OwnerOf(this);
        if (owner is null)
        {
            Discard();
        }
        else
        {
            owner.Run(@event);
        }
    }

    /// <summary>By the receive that was posted: it has ended.</summary>
    public void Report(LaneEvent @event)
    {
        _hasNews = true;
        Dispatch(@event);
    }

    /// <summary>Begins to connect.</summary>
    public void Connect()
    {
        _receive = new SocketReceive(this);
        try
        {
            _socket = new Socket(pool.Dyno.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _receive.RemoteEndPoint = pool.Dyno.Address;
            if (!_socket.ConnectAsync(_receive))
            {
                Dispatch(_receive.Event);
            }
        }
        catch (SocketException e)
        {
            // No socket to be had: too many open files, or no route.
            _connectError = e.SocketErrorCode;
            Dispatch(_receive.Event);
        }
    }

    public override void Resume()
    {
        IsPaused = false;
        if (!_willResume)
        {
            _willResume = true;
            Dispatch(_resume ??= new SocketResume(this));
        }
    }

    /// <summary>Keeps it for the next request, when the bytes that are being looked at are done with.</summary>
    public void Keep(TimeSpan atMost)
    {
        _keep = (long)(atMost.TotalSeconds * Owner!.Engine.Time.TimestampFrequency);
        if (!_isOffering)
        {
            KeepNow();
        }
    }

    /// <summary>The engine is done with it.</summary>
    public void LeavePool() => pool.Leave(this);

    /// <summary>Closes a connection that nobody has.</summary>
    public void Discard()
    {
        if (Interlocked.Exchange(ref _discarded, 1) == 0)
        {
            Leave(reset: false);
        }
    }

    /// <summary>The dyno's time to drain is over.</summary>
    public void Expire() => Dispatch(new SocketExpiry(this));

    public void OnExpired()
    {
        if (!IsClosed)
        {
            Half?.OnExpired();
        }
    }

    /// <summary>The operation has ended: the connection stands, or bytes have come, or there will be none.</summary>
    public void OnReceived()
    {
        if (Outlet is null)
        {
            OnConnectDone();
            return;
        }

        _isReceiving = false;
        _hasNews = false;
        if (IsGone)
        {
            Free();
        }
        else if (_receive!.SocketError != SocketError.Success)
        {
            OnLost();
        }
        else if (_receive.BytesTransferred == 0)
        {
            OnPeerEnd();
        }
        else if (IsClosed)
        {
            Drop(_receive.BytesTransferred);
        }
        else
        {
            var isFull = _buffer.Advance(_receive.BytesTransferred);
            if (!IsPaused)
            {
                Offer(isFull);
            }
        }
    }

    /// <summary>The engine takes bytes again.</summary>
    public void OnResumed()
    {
        _willResume = false;
        if (IsPaused || IsClosed)
        {
            return;
        }

        if (_buffer.Length > 0)
        {
            Offer(isFull: false);
        }
        else
        {
            GoOn();
        }
    }

    protected override void ReadOn() => Receive();

    protected override void Release(bool reset)
    {
        pool.Leave(this);
        try
        {
            if (reset && _socket is not null)
            {
                _socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is lost already.
        }

        _socket?.Dispose();
        if (!_isReceiving && !_isOffering)
        {
            Free();
        }
    }

    private void OnConnectDone()
    {
        _hasNews = false;
        if (IsGone)
        {
            return;
        }

        var error = _connectError != SocketError.Success ? _connectError : _receive!.SocketError;
        var handler = (IDynoLinkHandler?)Handler;
        if (error != SocketError.Success)
        {
            Abort();
            handler?.OnConnectFailed(error == SocketError.TimedOut);
            return;
        }

        _socket!.Blocking = false;
        Outlet = new SocketOutlet(_socket) { Owner = this };
        Receive();
        handler?.OnConnected();
    }

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
