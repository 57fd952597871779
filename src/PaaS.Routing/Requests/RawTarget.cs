using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>A request's target, byte for byte as it was received: nothing decoded, no dot segment removed.</summary>
internal static class RawTarget
{
    /// <summary>The target as received, for the log line.</summary>
    public static string Of(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return string.IsNullOrEmpty(raw)
            ? context.Request.PathBase.ToUriComponent() + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent()
            : raw;
    }

    /// <summary>The target in origin form, as the dyno gets it: without the scheme and authority of an absolute form (the server has compared it with Host), cut at a fragment.</summary>
    public static string OriginForm(string target)
    {
        if (target.Length > 0 && target[0] != '/')
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var path = authority < 0 ? -1 : target.AsSpan(authority + 3).IndexOfAny('/', '?', '#');
            target = path < 0 ? "/" : target[(authority + 3 + path)..];
        }

        var fragment = target.IndexOf('#', StringComparison.Ordinal);
        target = fragment < 0 ? target : target[..fragment];
        return target.Length > 0 && target[0] == '/' ? target : "/" + target;
    }
}
