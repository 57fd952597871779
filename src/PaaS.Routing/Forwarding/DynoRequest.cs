using System.Net;

namespace PaaS.Routing;

/// <summary>A request as it goes to a dyno.</summary>
internal sealed class DynoRequest : HttpRequestMessage
{
    private static readonly UriCreationOptions Untouched = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public DynoRequest(ContextExchange exchange, IPEndPoint address)
    {
        ContextExchange = exchange;
        Method = new HttpMethod(exchange.Context.Request.Method);
        Version = HttpVersion.Version11;
        VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        RequestUri = new Uri($"http://{address}{RawTarget.OriginForm(RawTarget.Of(exchange.Context))}", in Untouched);
    }

    /// <summary>The request that it is made of.</summary>
    public ContextExchange ContextExchange { get; }
}
