namespace PaaS.Routing;

/// <summary>A page in place of the router's own.</summary>
/// <param name="ContentType">Its type, such as <c>text/html; charset=utf-8</c>.</param>
/// <param name="Body">The page, at most 1 MiB.</param>
public sealed record ErrorPage(string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>Chooses the page for an error of the router. An app's own errors are never replaced.</summary>
public interface IErrorPages
{
    /// <summary>Finds a page. It has to be there already: a page from elsewhere is fetched ahead of time.</summary>
    /// <param name="request">The request.</param>
    /// <param name="code">The code, such as <c>H12</c>.</param>
    /// <param name="status">The status that is sent.</param>
    /// <returns>The page; null: the app's (<see cref="RouteSettings"/>) or the router's own.</returns>
    ErrorPage? Find(in RequestView request, string code, int status);
}
