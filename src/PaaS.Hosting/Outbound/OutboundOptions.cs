namespace PaaS.Hosting;

/// <summary>What the host may fetch for a tenant.</summary>
public sealed class OutboundOptions
{
    /// <summary>Whether plain <c>http</c> is fetched. Default: no, because anyone on the way can then change what becomes an app's code.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Places that are fetched although they are not on the public internet: addresses (<c>10.1.2.3</c>), ranges
    /// (<c>10.1.0.0/16</c>, <c>fd00::/8</c>), and host names (<c>git.corp.example</c>; <c>*.corp.example</c> for all below it).
    /// A name allows whatever addresses it has. Default: none.
    /// </summary>
    public IList<string> Allowed { get; } = [];

    /// <summary>How long to wait for a connection, name lookup included. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>The bounds of one fetch.</summary>
/// <param name="MaximumBytes">How many bytes the body may have.</param>
/// <param name="Timeout">How long all of it may take: redirects, and reading the body to its end.</param>
public sealed record OutboundLimits(long MaximumBytes, TimeSpan Timeout);
