using System.Net;
using System.Runtime.InteropServices;

namespace PaaS.Routing;

/// <summary>The clients of a loop.</summary>
internal sealed unsafe partial class EventLoop
{
    /// <summary>Accepted at most before the connections that are there have their turn again.</summary>
    private const int MaxAcceptsAtOnce = 64;

    /// <summary>So many at a time hear why they are turned away.</summary>
    private const int MaxToldTooMany = 1000;

    private readonly FastRouterListener _listener;
    private AcceptAgain? _acceptAgain;
    private int _clients;
    private bool _isAccepting;
    private bool _isStopping;
    private long _lackSaidAt = long.MinValue;
    private long _limitSaidAt = long.MinValue;
    private long _turnedAway;

    /// <summary>How many clients it has. From any thread.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>Begins to accept, on the loop.</summary>
    public void StartAccepting()
    {
        if (_isAccepting || _isStopping)
        {
            return;
        }

        // Exclusive: of the loops that wait, one is woken for a client, not all.
        var error = _epoll.Add(_listener.Socket.Descriptor, Linux.Readable | Linux.Exclusive, AcceptToken);
        _isAccepting = error == 0;
        if (error != 0)
        {
            NoteLackOf("memory to watch for clients", error);
            WaitToAccept();
        }
    }

    /// <summary>Accepts no more, and asks each client's machine to come to an end. On the loop.</summary>
    public void Stop()
    {
        _isStopping = true;
        StopAccepting();
        ForEachClient(static link => (link.Handler as IClientLinkHandler)?.Stop());
    }

    /// <summary>Ends each client's request. On the loop.</summary>
    public void CutOff() => ForEachClient(static link => (link.Handler as IClientLinkHandler)?.CutOff());

    /// <summary>One more client will be this loop's. From any thread.</summary>
    public void Reserve() => Interlocked.Increment(ref _clients);

    /// <summary>Begins a client's connection. On the loop.</summary>
    public void Adopt(int descriptor, byte[] peer)
    {
        var link = new ClientLink(this) { Descriptor = descriptor };

        // From here on: a fault is this link's, not that of the one that was accepted before it.
        _current = link;
        if (_isEnding || Watch(link) != 0)
        {
            link.Free();
            return;
        }

        if (_listener.Clients - _listener.TurnedAway > Engine.Options.MaxClientConnections)
        {
            TurnAway(link);
            return;
        }

        var handler = _listener.MakeClient(this, link, new ClientInfo { Peer = peer, Port = _listener.PublicPort });
        link.Handler = handler;
        if (_isStopping)
        {
            handler.Stop();
        }
    }

    /// <summary>A client's socket is closed.</summary>
    public void OnClientGone(bool wasTurnedAway)
    {
        Interlocked.Decrement(ref _clients);
        _listener.OnClientGone(wasTurnedAway);
        if (_acceptAgain is { IsWaiting: true } && !_isStopping)
        {
            // It has left a descriptor.
            _acceptAgain.OnDue();
        }
    }

    /// <summary>Something that the system gives was refused: the operator is told.</summary>
    /// <returns>The error.</returns>
    public int NoteLackOf(string what, int error)
    {
        if (_lackSaidAt == long.MinValue || _now - _lackSaidAt >= Ticks(TimeSpan.FromMinutes(1)))
        {
            _lackSaidAt = _now;
            Log.Lacks(Engine.Logger, what, $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})");
        }

        return error;
    }

    private void AcceptClients()
    {
        var address = stackalloc byte[SocketAddresses.Room];
        for (var left = MaxAcceptsAtOnce; left > 0 && _isAccepting; left--)
        {
            var length = SocketAddresses.Room;
            var descriptor = LibC.Accept(_listener.Socket.Descriptor, address, &length, Linux.NonBlocking | Linux.CloseOnExec);
            if (descriptor >= 0)
            {
                _listener.Assign(this, descriptor, SocketAddresses.Text(new ReadOnlySpan<byte>(address, SocketAddresses.Room)));
                continue;
            }

            switch (LibC.Error)
            {
                case Linux.Again:
                    return;
                case Linux.TooManyFiles or Linux.TooManyOwnFiles or Linux.NoBuffers or Linux.OutOfMemory:
                    NoteLackOf("a descriptor for a client, which waits until there is one", LibC.Error);
                    StopAccepting();
                    WaitToAccept();
                    return;
                default:
                    // That one client's connection is lost (accept(2)): the next is not.
                    continue;
            }
        }
    }

    private void StopAccepting()
    {
        if (_isAccepting)
        {
            _isAccepting = false;
            _epoll.Remove(_listener.Socket.Descriptor);
        }
    }

    private void WaitToAccept() => (_acceptAgain ??= new AcceptAgain(this)).Begin();

    /// <summary>There are too many clients: this one is told so (H22). One of very many is not even that.</summary>
    private void TurnAway(ClientLink link)
    {
        // Both at once: what is counted off when the link goes was counted.
        link.IsTurnedAway = true;
        var told = _listener.AddTurnedAway();
        _turnedAway++;
        if (_limitSaidAt == long.MinValue || _now - _limitSaidAt >= Ticks(TimeSpan.FromMinutes(1)))
        {
            Log.TooManyClients(Engine.Logger, Engine.Options.MaxClientConnections, _turnedAway);
            (_limitSaidAt, _turnedAway) = (_now, 0);
        }

        Engine.Recorder.TurnedAway();
        if (told > MaxToldTooMany)
        {
            link.Abort();
            return;
        }

        link.Send(_listener.TooManyConnections);
        link.Close();
    }

    private void ForEachClient(Action<EpollLink> action)
    {
        for (var slot = 0; slot < _slots; slot++)
        {
            if (_links[slot] is ClientLink { IsDone: false } link)
            {
                _current = link;
                Guarded(link, action);
            }
        }
    }

    /// <summary>Tries to accept again a little later.</summary>
    private sealed class AcceptAgain(EventLoop loop) : Timed
    {
        public bool IsWaiting { get; private set; }

        public void Begin()
        {
            IsWaiting = true;
            SetDue(loop, loop.Now + loop.Ticks(TimeSpan.FromMilliseconds(100)));
        }

        public override void OnDue()
        {
            IsWaiting = false;
            loop.StartAccepting();
        }
    }
}
