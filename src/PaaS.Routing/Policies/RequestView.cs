namespace PaaS.Routing;

/// <summary>A request as policies see it, valid during the call only. Texts are bytes as they were received.</summary>
public readonly ref struct RequestView
{
    private readonly ReadOnlySpan<byte> _head;

    internal RequestView(RequestFacts facts, ReadOnlySpan<byte> head)
    {
        Facts = facts;
        _head = head;
    }

    /// <summary>The app.</summary>
    public AppRoute Route => Facts.Route!;

    /// <summary>The method.</summary>
    public ReadOnlySpan<byte> Method => Facts.Method;

    /// <summary>The target with its query.</summary>
    public ReadOnlySpan<byte> Target => Facts.Target;

    /// <summary>The Host header's value.</summary>
    public ReadOnlySpan<byte> Host => Facts.Host;

    /// <summary>The request's id, as in its log line and in X-Request-Id.</summary>
    public ReadOnlySpan<byte> RequestId => Facts.RequestId;

    internal RequestFacts Facts { get; }

    /// <summary>The value of the first header of this name, among those that the dyno gets.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => HeaderLines.TryGet(_head, name, out value);
}
