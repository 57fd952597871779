namespace PaaS.Routing;

/// <summary>What the router adds to a request's head.</summary>
internal readonly ref struct RequestHeadFields
{
    /// <summary>The client's address as text, appended to X-Forwarded-For.</summary>
    public required ReadOnlySpan<byte> Peer { get; init; }

    /// <summary>Whether the client's connection is encrypted.</summary>
    public required bool IsTls { get; init; }

    /// <summary>X-Forwarded-Port.</summary>
    public required int Port { get; init; }

    /// <summary>X-Request-Id.</summary>
    public required ReadOnlySpan<byte> RequestId { get; init; }

    /// <summary>X-Request-Start: Unix milliseconds at which the head was complete.</summary>
    public required long StartedAt { get; init; }

    /// <summary>What is appended to Via: <c>1.1 paas-router</c>.</summary>
    public required ReadOnlySpan<byte> Via { get; init; }

    /// <summary>Replaces the client's traceparent; empty: that one passes.</summary>
    public ReadOnlySpan<byte> TraceParent { get; init; }

    /// <summary>Expect goes to the dyno instead of being answered here.</summary>
    public bool PassExpect { get; init; }

    /// <summary>X-Forwarded-Host and X-Forwarded-By of the client are dropped.</summary>
    public bool DropForwardedHost { get; init; }
}
