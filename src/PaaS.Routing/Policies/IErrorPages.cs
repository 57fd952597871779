namespace PaaS.Routing;

/// <summary>Chooses the page for an error of the router. An app's own errors are never replaced.</summary>
public interface IErrorPages
{
    /// <summary>Finds a page. It has to be there already: a page from elsewhere is fetched ahead of time. It comes before the app's own.</summary>
    /// <param name="request">The request. What it accepts is for this method to look at.</param>
    /// <param name="code">The code, such as <c>H12</c>.</param>
    /// <param name="status">The status that is sent.</param>
    /// <returns>The page; null: the app's (<see cref="RouteSettings"/>) or the router's own.</returns>
    RoutePage? Find(in RequestView request, string code, int status);
}
