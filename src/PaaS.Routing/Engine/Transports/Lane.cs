namespace PaaS.Routing;

/// <summary>
/// What a connection lives on: an event loop, or the lock of one connection. Everything that the engine does for a request happens on one lane,
/// one thing at a time; what comes from elsewhere enters with <see cref="Post"/>.
/// </summary>
internal abstract class Lane(RouterEngine engine)
{
    public RouterEngine Engine { get; } = engine;

    /// <summary>The time, as a timestamp of the router's clock. A lane may read its clock once for many events.</summary>
    public abstract long Now { get; }

    /// <summary>The wall clock, as precise as <see cref="Now"/>, in Unix milliseconds.</summary>
    public abstract long UnixMilliseconds { get; }

    /// <summary>The Date header's value, for now.</summary>
    public abstract ReadOnlySpan<byte> Date { get; }

    /// <summary>Runs something on the lane, soon, never within this call. From any thread.</summary>
    public abstract void Post(Action<object?> action, object? state);

    /// <summary>Notes a deadline that is earlier than the one that was noted.</summary>
    public abstract void Note(Timed timed);

    /// <summary>An idle connection to a dyno on which nothing was heard since its last response, and which has been idle for less than <paramref name="maxIdle"/>; null if there is none.</summary>
    public abstract DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle);

    /// <summary>Begins a connection to a dyno; <see cref="IDynoLinkHandler"/> tells how it goes, not within this call. The half counts as active for <see cref="DynoEndpoint.Expired"/> from now on.</summary>
    public abstract DynoHalf Connect(DynoEndpoint dyno);

    /// <summary>Keeps a connection for the next request, for at most <paramref name="atMost"/>. Its dyno may be retired meanwhile: then it is closed.</summary>
    public abstract void Keep(DynoHalf half, TimeSpan atMost);

    /// <summary>The half is closed or aborted: the lane forgets it. May be called again.</summary>
    public abstract void Forget(DynoHalf half);

    /// <summary>A machine for one request, as new.</summary>
    public abstract Exchange RentExchange();

    /// <summary>Gives the machine back after the request.</summary>
    public abstract void Return(Exchange exchange);
}
