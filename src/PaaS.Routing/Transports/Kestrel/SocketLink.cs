using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace PaaS.Routing;

/// <summary>
/// A connection to a dyno on a socket. A receive is always posted, with a small buffer, also while nobody uses the connection: so that a
/// dyno that closes it is noticed, and so that a request needs no look at it before. Much at once is read into a large buffer of the pool.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Release closes the socket, when the engine, the dyno or the pool ends the connection.")]
internal sealed partial class SocketLink(SocketPool pool, ConnectionLane lane) : LaneLink
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
            handler?.OnConnectFailed(error switch
            {
                SocketError.TimedOut => ConnectFailure.TimedOut,
                SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable => ConnectFailure.Lack,
                _ => ConnectFailure.Refused,
            });
            return;
        }

        _socket!.Blocking = false;
        Outlet = new SocketOutlet(_socket) { Owner = this };
        Receive();
        handler?.OnConnected();
    }
}
