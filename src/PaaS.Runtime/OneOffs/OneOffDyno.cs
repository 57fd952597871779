using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>A one-off dyno from its start to its end.</summary>
public abstract class OneOffDyno
{
    /// <summary>Its id.</summary>
    public abstract Guid Id { get; }

    /// <summary>Its name, such as <c>run.1234</c>.</summary>
    public abstract DynoName Name { get; }

    /// <summary>Completes when nothing of it is left; never faults.</summary>
    public abstract Task<OneOffResult> Completed { get; }

    /// <summary>Connects to its input and output. Once only; disposing the attachment hangs up: the dyno gets SIGHUP until it ends.</summary>
    /// <exception cref="InvalidOperationException">It is not an attached one, somebody is connected already, or nobody came in time.</exception>
    public abstract DynoAttachment Attach();
}

/// <summary>How a one-off dyno ended.</summary>
/// <param name="Status">The status as the shell gives it.</param>
/// <param name="Reason">Why the platform ended it or could not start it, for people; <see langword="null"/> if it ended by itself.</param>
/// <param name="LastLines">Its last lines, oldest first, unless it was attached.</param>
public sealed record OneOffResult(int Status, string? Reason, ImmutableArray<string> LastLines)
{
    /// <summary>Whether it ended by itself with status 0.</summary>
    public bool Succeeded => Status == 0 && Reason is null;
}
