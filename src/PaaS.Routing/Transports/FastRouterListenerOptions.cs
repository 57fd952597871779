namespace PaaS.Routing;

/// <summary>What a <see cref="FastRouterListener"/> is made of.</summary>
public sealed class FastRouterListenerOptions
{
    /// <summary>How many event loops, each a thread of its own.</summary>
    /// <value>Default: one for each processor. 1 to 1024.</value>
    public int Loops { get; set; } = Environment.ProcessorCount;

    /// <summary>How many clients may wait to be accepted. The system has a limit of its own (<c>net.core.somaxconn</c>); the lower one holds.</summary>
    /// <value>Default 4096. 1 to 1,000,000.</value>
    public int Backlog { get; set; } = 4096;
}
