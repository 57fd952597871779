using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

/// <summary>Who may push to, and fetch from, which app: the token first, then the access policy.</summary>
internal sealed class GitGate(Platform platform, ApiAuthentication authentication) : IGitGate
{
    public async ValueTask<GitAccess?> AuthenticateAsync(HttpContext context, string appName, bool write, CancellationToken cancellationToken)
    {
        if (await authentication.AuthenticateGitAsync(context) is not { } actor)
        {
            return null;
        }

        if (platform.Enter(actor, write ? AccessAction.Deploy : AccessAction.FetchCode, appName).TryGet(out var hosted, out var refusal))
        {
            return new GitAccess(hosted.Id, hosted.App.Name, actor);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        await context.Response.WriteAsync($"{refusal.Message}\n", cancellationToken);
        return null;
    }
}
