namespace PaaS.Routing;

/// <summary>Something that happened and is to be handled on a lane. It waits in one queue at a time.</summary>
internal abstract class LaneEvent
{
    /// <summary>The next in the lane's queue. The lane's own.</summary>
    public LaneEvent? Next { get; set; }

    /// <summary>Handles it.</summary>
    /// <param name="lane">The lane that it came to.</param>
    public abstract void Run(ConnectionLane lane);
}

/// <summary>What was posted to a lane.</summary>
internal sealed class PostedEvent(ConnectionLane lane, Action<object?> action, object? state) : LaneEvent, IThreadPoolWorkItem
{
    public override void Run(ConnectionLane lane) => action(state);

    public void Execute() => lane.Run(this);
}
