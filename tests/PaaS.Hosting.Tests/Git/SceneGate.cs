using System.Text;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting.Tests;

/// <summary>One app, one token.</summary>
internal sealed class SceneGate : IGitGate
{
    public const string Token = "right-token";
    public static readonly AppName Name = AppName.Parse("calm-river-7");
    public static readonly AppId App = new(Guid.Parse("11112222-3333-4444-5555-666677778888"));
    public static readonly Actor Pusher = new(new AccountId(Guid.Parse("99999999-3333-4444-5555-666677778888")), "pusher@example.com");

    public async ValueTask<GitAccess?> AuthenticateAsync(HttpContext context, string appName, bool write, CancellationToken cancellationToken)
    {
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("any:" + Token));
        if (context.Request.Headers.Authorization != expected)
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"PaaS\"";
            await context.Response.WriteAsync("no", cancellationToken);
            return null;
        }

        if (!AppName.TryParse(appName, null, out var name) || name != Name)
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("no such app", cancellationToken);
            return null;
        }

        return new GitAccess(App, name, Pusher);
    }
}
