using Microsoft.Extensions.Logging;

namespace PaaS.Routing.Tests;

/// <summary>What a client connects to.</summary>
public enum Front
{
    /// <summary>The engine on event loops of its own.</summary>
    Fast,

    /// <summary>The engine on Kestrel's connections.</summary>
    Connection,

    /// <summary>An endpoint in a pipeline.</summary>
    Pipeline,
}

/// <summary>Tests that hold for every front on Kestrel; a class that derives runs them on one.</summary>
public abstract class FrontTests(Front front)
{
    protected Front Front { get; } = front;

    private protected Task<RouterUnderTest> StartAsync(RouterOptions? options = null, IDynoSelector? selector = null, ILogger<PaaSRouter>? logger = null) =>
        RouterUnderTest.StartAsync(Front, options, selector, logger);
}
