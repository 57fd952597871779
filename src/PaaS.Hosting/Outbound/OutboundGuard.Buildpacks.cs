using System.Net;
using PaaS.Buildpacks;

namespace PaaS.Hosting;

/// <summary>What builds ask of the guard.</summary>
public sealed partial class OutboundGuard : IOutboundGuard
{
    /// <inheritdoc/>
    async ValueTask<Stream> IOutboundGuard.OpenAsync(Uri url, long maxBytes, TimeSpan timeout, CancellationToken cancellationToken) =>
        await FetchAsync(url, new OutboundLimits(maxBytes, timeout), cancellationToken);

    /// <inheritdoc/>
    async ValueTask<PinnedUrl> IOutboundGuard.ResolveAsync(Uri url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        using var deadline = new OutboundDeadline(timeout, _time, cancellationToken);

        // Connections of its own: which address answered must not be mixed up with that of another's request.
        IPAddress? connected = null;
        using var http = MakeInvoker(async (context, token) =>
        {
            (var stream, connected) = await ConnectAsync(context, token);
            return stream;
        });
        using var response = await deadline.RunAsync(token => FollowAsync(http, url, token));
        return new PinnedUrl(response.RequestMessage!.RequestUri!, connected!);
    }
}
