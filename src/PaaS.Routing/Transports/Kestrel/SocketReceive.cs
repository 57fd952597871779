using System.Net.Sockets;

namespace PaaS.Routing;

/// <summary>The operation by which a dyno's connection is made and then received from, again and again.</summary>
internal sealed class SocketReceive : SocketAsyncEventArgs
{
    private readonly SocketLink _link;

    public SocketReceive(SocketLink link)
        : base(unsafeSuppressExecutionContextFlow: true)
    {
        _link = link;
        Event = new Received(link);
    }

    public LaneEvent Event { get; }

    protected override void OnCompleted(SocketAsyncEventArgs e) => _link.Report(Event);

    private sealed class Received(SocketLink link) : SocketEvent(link)
    {
        protected override void Run() => Link.OnReceived();
    }
}

/// <summary>An event of a dyno's connection. The connection may have gone from lane to lane since the event was sent on its way: it follows.</summary>
internal abstract class SocketEvent(SocketLink link) : LaneEvent
{
    protected SocketLink Link { get; } = link;

    public sealed override void Run(ConnectionLane lane)
    {
        if (Link.Owner == lane)
        {
            Run();
        }
        else
        {
            Link.Dispatch(this);
        }
    }

    protected abstract void Run();
}

/// <summary>The engine takes bytes again.</summary>
internal sealed class SocketResume(SocketLink link) : SocketEvent(link)
{
    protected override void Run() => Link.OnResumed();
}

/// <summary>The dyno's time to drain is over.</summary>
internal sealed class SocketExpiry(SocketLink link) : SocketEvent(link)
{
    protected override void Run() => Link.OnExpired();
}
