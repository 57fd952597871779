using PaaS.Buildpacks;

namespace PaaS.Hosting;

/// <summary>Why a fetch for a tenant ended.</summary>
public enum OutboundFailure
{
    /// <summary>The URL, or an address that it leads to, is not allowed. Nothing was sent there.</summary>
    Refused,

    /// <summary>The name is unknown, or nobody answered as HTTP or TLS demands.</summary>
    Unreachable,

    /// <summary>The server answered with something else than success, or redirected too often.</summary>
    BadAnswer,

    /// <summary>The body is larger than the limit.</summary>
    TooLarge,

    /// <summary>It took longer than the limit.</summary>
    TimedOut,
}

/// <summary>A fetch for a tenant that did not succeed. The message may be shown to the tenant: it never holds what a server answered, nor an address that a name led to.</summary>
public sealed class OutboundException : OutboundUrlException
{
    internal OutboundException(OutboundFailure failure, string message, Exception? innerException = null, bool isFinal = false)
        : base(message, isFinal || failure is OutboundFailure.Refused or OutboundFailure.TooLarge, innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public OutboundFailure Failure { get; }
}
