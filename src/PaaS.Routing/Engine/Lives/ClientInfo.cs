namespace PaaS.Routing;

/// <summary>What is known of a client's connection before its first byte.</summary>
internal sealed class ClientInfo
{
    /// <summary>The client's address as text, without port.</summary>
    public required ReadOnlyMemory<byte> Peer { get; init; }

    /// <summary>The port that apps are told.</summary>
    public required int Port { get; init; }

    /// <summary><c>tls1.3</c> and the like; null if the connection is plain.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>Whether a host name may be asked for on this connection (H31); null: any may. Lower-case, without port.</summary>
    public Func<string, bool>? Covers { get; init; }
}
