namespace PaaS.Routing;

/// <summary>Something that has a deadline. Deadlines are moved for nearly every byte, so a lane looks at them lazily: moving one to a later time costs one write.</summary>
internal abstract class Timed
{
    public const long Never = long.MaxValue;

    /// <summary>When <see cref="OnDue"/> is to be called, as a timestamp of the router's clock.</summary>
    public long Due { get; private set; } = Never;

    /// <summary>The time for which the lane has it noted: it looks again then. The lane's own.</summary>
    public long NotedFor { get; set; } = Never;

    /// <summary>Where the lane has it noted, if it has. The lane's own.</summary>
    public int NotedAt { get; set; } = -1;

    /// <summary>The deadline has passed; <see cref="Due"/> is <see cref="Never"/> again. Called on the lane.</summary>
    public abstract void OnDue();

    protected void SetDue(Lane lane, long due)
    {
        Due = due;
        if (due < NotedFor)
        {
            lane.Note(this);
        }
    }

    /// <summary>Called by the lane.</summary>
    public void Expire()
    {
        Due = Never;
        OnDue();
    }
}
