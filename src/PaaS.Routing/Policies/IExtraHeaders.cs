namespace PaaS.Routing;

/// <summary>Adds headers of the embedder's own.</summary>
public interface IExtraHeaders
{
    /// <summary>Adds headers to the request that goes to a dyno.</summary>
    /// <param name="request">The request.</param>
    /// <param name="headers">Where to add them.</param>
    void ToDyno(in RequestView request, HeaderLines headers);

    /// <summary>Adds headers to the dyno's response, on its way to the client.</summary>
    /// <param name="request">The request.</param>
    /// <param name="headers">Where to add them.</param>
    void ToClient(in RequestView request, HeaderLines headers);
}
