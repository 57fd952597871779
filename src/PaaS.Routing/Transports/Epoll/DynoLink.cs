using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>A connection to a dyno on an event loop, in use or waiting in its pool for the next request.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class DynoLink(EventLoop loop, DynoPool pool) : EpollLink(loop)
{
    private int _connectError;
    private bool _isKeepWanted;
    private long _keepFor;

    public DynoPool Pool { get; } = pool;

    /// <summary>The machine that speaks on it.</summary>
    public DynoHalf? Half { get; set; }

    /// <summary>Its neighbours in the list that it is in.</summary>
    public DynoLink? Next { get; set; }

    public DynoLink? Previous { get; set; }

    /// <summary>The list that it is in.</summary>
    public DynoLinkList? List { get; set; }

    /// <summary>Since when it waits in the pool.</summary>
    public long IdleSince { get; private set; }

    /// <summary>Until when it may.</summary>
    public long IdleUntil { get; private set; }

    /// <summary>The response that a dyno sent before it reset the connection is worth reading.</summary>
    protected override bool ReadsBeforeReset => true;

    protected override bool Lingers => false;

    /// <summary>What an error of the kernel says of an attempt to connect. No space is epoll's word for more sockets than a user may watch (epoll_ctl(2)).</summary>
    public static ConnectFailure FailureOf(int error) => error switch
    {
        Linux.TimedOut => ConnectFailure.TimedOut,
        Linux.TooManyFiles or Linux.TooManyOwnFiles or Linux.NoBuffers or Linux.OutOfMemory or Linux.NoSpace or Linux.AddressNotAvailable => ConnectFailure.Lack,
        _ => ConnectFailure.Refused,
    };

    /// <summary>Begins to connect. What becomes of it is told in a later turn, or by a later event.</summary>
    public void Connect()
    {
        SetConnecting(true);
        _connectError = TryConnect();
        if (_connectError != 0)
        {
            Queue();
        }
    }

    /// <summary>Keeps it for the next request; at once, or when its handler has had the bytes that it is being given.</summary>
    public void Keep(long atMost)
    {
        _keepFor = atMost;
        _isKeepWanted = true;
        if (!IsOffering)
        {
            OnOffered();
        }
    }

    /// <summary>Takes it out of the pool for a request.</summary>
    public void Use() => SetIdle(false);

    protected override bool FinishConnecting()
    {
        var error = _connectError;
        if (error == 0)
        {
            var length = sizeof(int);
            if (LibC.GetSocketOption(Descriptor, Linux.SocketLevel, Linux.SocketError, &error, &length) != 0)
            {
                error = LibC.Error;
            }
        }

        SetConnecting(false);
        var handler = (IDynoLinkHandler)Handler!;
        if (error != 0)
        {
            Part();
            Free();
            handler.OnConnectFailed(FailureOf(error));
            return false;
        }

        StartSending();
        handler.OnConnected();
        return !IsDone;
    }

    protected override void OnOffered()
    {
        if (!_isKeepWanted)
        {
            return;
        }

        _isKeepWanted = false;
        if (!IsQuiet || Pool.IsRetired)
        {
            Close();
            return;
        }

        IdleSince = Loop.Now;
        IdleUntil = _keepFor < Timed.Never - IdleSince ? IdleSince + _keepFor : Timed.Never;
        SetIdle(true);
        Pool.AddIdle(this);
    }

    protected override void OnHeardWhileIdle() => Close();

    protected override void OnFreed() => Pool.Remove(this);

    private int TryConnect()
    {
        var address = stackalloc byte[SocketAddresses.Room];
        var length = SocketAddresses.Write(Pool.Dyno.Address, new Span<byte>(address, SocketAddresses.Room));
        Descriptor = LibC.Socket(*(ushort*)address, Linux.Stream | Linux.NonBlocking | Linux.CloseOnExec, 0);
        if (Descriptor < 0)
        {
            return Loop.NoteLackOf("a socket for a dyno", Marshal.GetLastPInvokeError());
        }

        var on = 1;
        _ = LibC.SetSocketOption(Descriptor, Linux.TcpLevel, Linux.NoDelay, &on, sizeof(int));
        if (LibC.Connect(Descriptor, address, length) != 0 && LibC.Error is var error && error != Linux.InProgress)
        {
            return error == Linux.AddressNotAvailable ? Loop.NoteLackOf("a local port for a connection to a dyno", error) : error;
        }

        return Loop.Watch(this);
    }
}
