using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PaaS.Routing;

/// <summary>The settings that Kestrel needs in front of a router.</summary>
public static class RouterListener
{
    /// <summary>
    /// Applies them: Heroku's head limits (request line 8,192 bytes, 1,000 headers; 128 KiB in all), 30 s for a head, 60 s keep-alive, no
    /// limit on bodies or their pace (the router's idle rules hold instead), header values as bytes (Latin-1) both ways, no
    /// Server header of its own, a Host that must match an absolute target.
    /// </summary>
    /// <remarks>
    /// Kestrel takes a bare LF as a line end unless the AppContext switch
    /// <c>Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators</c> is set. The switch holds for the whole process, so a
    /// library leaves it alone: a program whose listeners are all routers should set it first thing.
    /// </remarks>
    /// <param name="options">The server's options.</param>
    public static void Configure(KestrelServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.AllowHostHeaderOverride = false;
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        var limits = options.Limits;
        limits.MaxRequestLineSize = 8192;
        limits.MaxRequestHeaderCount = 1000;
        limits.MaxRequestHeadersTotalSize = 128 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBufferSize = 128 * 1024; // no smaller than the head may be
        limits.MaxResponseBufferSize = 64 * 1024;
    }
}
