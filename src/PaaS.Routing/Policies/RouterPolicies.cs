namespace PaaS.Routing;

/// <summary>
/// What an embedder may decide in place of the router. Every policy is called on the way of a request, on the router's own threads: it must neither
/// wait nor block, and should not allocate. The first policy, the app of a host name, is <see cref="IRouteTable"/>.
/// </summary>
public sealed class RouterPolicies
{
    /// <summary>How a dyno is chosen.</summary>
    /// <value>Uniformly at random by default, as Heroku does.</value>
    public IDynoSelector Selector { get; init; } = new RandomDynoSelector(Random.Shared);

    /// <summary>Pages in place of the router's own; null: none.</summary>
    public IErrorPages? ErrorPages { get; init; }

    /// <summary>Headers of the embedder's own; null: none.</summary>
    public IExtraHeaders? ExtraHeaders { get; init; }

    /// <summary>Is told of each request at its end; null: nobody is.</summary>
    public IRequestObserver? Observer { get; init; }
}
