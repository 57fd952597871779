using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace PaaS.Routing;

/// <summary>Carries a response back to the client: the head, then the body as it comes, flushed piece by piece (server-sent events, long polling).</summary>
internal static class ResponseRelay
{
    private const int BufferSize = 64 * 1024;
    private const int MaxCookieLine = 8192;

    /// <summary>Relays a response.</summary>
    /// <returns><see langword="null"/> if it was relayed to its end, else what went wrong.</returns>
    public static async Task<RouterError?> RelayAsync(ContextExchange exchange, HttpResponseMessage message)
    {
        if (Refusal(exchange, message) is { } refusal)
        {
            return refusal;
        }

        var response = exchange.Context.Response;
        try
        {
            response.StatusCode = exchange.Status = (int)message.StatusCode;
            exchange.Context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = message.ReasonPhrase;
            RouterHeaders.ToClient(message, response);
        }
        catch (InvalidOperationException)
        {
            // A header holds a byte that the embedder's server was not set up to send (see RouterListener), or none may.
            response.Clear();
            return RouterError.PoorlyFormattedResponse;
        }

        if (message.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return await Tunnel.RunAsync(exchange, message);
        }

        var isHead = HttpMethods.IsHead(exchange.Context.Request.Method);
        if (message.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.ResetContent) && Length(message) is { } length)
        {
            response.ContentLength = length;
        }

        try
        {
            if (!isHead && message.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.ResetContent or HttpStatusCode.NotModified))
            {
                await CopyAsync(exchange, await message.Content.ReadAsStreamAsync(exchange.Watch.Token));
                Trailers(message, response);
            }

            await response.CompleteAsync();
            return null;
        }
        catch (Exception e) when (Failure.DuringResponse(e, exchange) is { } error)
        {
            return error;
        }
    }

    private static RouterError? Refusal(ContextExchange exchange, HttpResponseMessage message)
    {
        if (message.StatusCode == HttpStatusCode.SwitchingProtocols && exchange.UpgradeTo is null)
        {
            return RouterError.PoorlyFormattedResponse;
        }

        var encoding = RouterHeaders.Values(message.Headers, "Transfer-Encoding");
        if (encoding.Count > 0 && (encoding.Count > 1 || !"chunked".Equals(encoding[0], StringComparison.OrdinalIgnoreCase)))
        {
            return RouterError.PoorlyFormattedResponse;
        }

        var lengths = RouterHeaders.Values(message.Content.Headers, "Content-Length");
        for (var i = 0; i < lengths.Count; i++)
        {
            if (encoding.Count == 0 && (!IsLength(lengths[i]) || lengths[i]!.Trim() != lengths[0]!.Trim()))
            {
                return RouterError.InvalidContentLength;
            }
        }

        foreach (var cookie in RouterHeaders.Values(message.Headers, "Set-Cookie"))
        {
            if ("Set-Cookie: ".Length + cookie!.Length > MaxCookieLine)
            {
                return RouterError.OversizedCookie;
            }
        }

        return null;
    }

    private static bool IsLength(string? text) => long.TryParse(text.AsSpan().Trim(), System.Globalization.NumberStyles.None, null, out _);

    /// <summary>The length to announce; with chunked there is none, whatever the dyno says besides.</summary>
    private static long? Length(HttpResponseMessage message)
    {
        var lengths = RouterHeaders.Values(message.Content.Headers, "Content-Length");
        return lengths.Count == 0 || message.Headers.NonValidated.Contains("Transfer-Encoding") ? null : long.Parse(lengths[0]!.AsSpan().Trim(), System.Globalization.NumberStyles.None, null);
    }

    private static async Task CopyAsync(ContextExchange exchange, Stream from)
    {
        var watch = exchange.Watch;
        var to = exchange.Context.Response.Body;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                var reading = from.ReadAsync(buffer, watch.Token);
                if (exchange.Bytes == 0 && !reading.IsCompleted)
                {
                    // The head must not wait for a body that comes later.
                    await to.FlushAsync(watch.Token);
                }

                var count = await reading;
                if (count == 0)
                {
                    return;
                }

                watch.Touch(Waiting.ClientToRead);
                await to.WriteAsync(buffer.AsMemory(0, count), watch.Token);
                exchange.Bytes += count;
                watch.Touch(Waiting.DynoToSend);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Trailers(HttpResponseMessage message, HttpResponse response)
    {
        if (!response.SupportsTrailers())
        {
            return;
        }

        foreach (var (name, values) in message.TrailingHeaders.NonValidated)
        {
            response.AppendTrailer(name, new StringValues([.. values]));
        }
    }
}
