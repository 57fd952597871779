using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

/// <summary>Decides who may fetch from an app's repository and push to it.</summary>
internal interface IGitGate
{
    /// <summary>Authenticates a request and finds its app. Writes the refusal itself: 401 with <c>WWW-Authenticate: Basic realm="PaaS"</c>, or 404.</summary>
    /// <param name="context">The request.</param>
    /// <param name="appName">The name in the address, as it came: not yet known to be the name of an app.</param>
    /// <param name="write">Whether the request is part of a push.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when the refusal has been written.</returns>
    ValueTask<GitAccess?> AuthenticateAsync(HttpContext context, string appName, bool write, CancellationToken cancellationToken);
}

/// <summary>A request of git's that may go on.</summary>
/// <param name="App">The app.</param>
/// <param name="AppName">Its name.</param>
/// <param name="By">Who asks.</param>
internal sealed record GitAccess(AppId App, AppName AppName, Actor By);
