using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing;

/// <summary>
/// The client's body on its way to a dyno: read as it comes, flushed whenever the client pauses, never held as a whole, and never
/// sent twice. It also stands in, empty, for the missing body of a request that must not be repeated: SocketsHttpHandler sends
/// a request again by itself (up to three times) when a pooled connection turns out to be closed before the first byte of a
/// response, whatever the method, but not once it has asked for a content. GET, HEAD, OPTIONS and TRACE without a body go
/// without this, and may be repeated. The price: DELETE and the like carry <c>Content-Length: 0</c>.
/// </summary>
internal sealed class ClientBody : HttpContent
{
    private readonly ContextExchange _exchange;
    private readonly long? _length;

    /// <param name="exchange">The request.</param>
    /// <param name="length">How many bytes, null if unknown (sent chunked).</param>
    public ClientBody(ContextExchange exchange, long? length)
    {
        _exchange = exchange;
        _length = length;
        Headers.ContentLength = length;
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_exchange.BodyStarted)
        {
            throw new InvalidOperationException("A request's body is sent once.");
        }

        _exchange.BodyStarted = true;
        if (_length is not 0)
        {
            await CopyAsync(stream, cancellationToken);
        }

        _exchange.BodySent = true;
        _exchange.Watch.Begin(Waiting.FirstByte, _exchange.Options.FirstByteTimeout);
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellationToken)
    {
        var watch = _exchange.Watch;
        var body = _exchange.Context.Request.BodyReader;
        watch.Begin(Waiting.ClientToSend, _exchange.Options.IdleTimeout);
        while (true)
        {
            var reading = ReadAsync(cancellationToken);
            if (!reading.IsCompleted)
            {
                await stream.FlushAsync(cancellationToken);
            }

            var read = await reading;
            watch.Touch(Waiting.DynoToRead);
            foreach (var segment in read.Buffer)
            {
                await stream.WriteAsync(segment, cancellationToken);
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            watch.Touch(Waiting.ClientToSend);
        }
    }

    /// <summary>A failure in here is the client's; one in the writes above is the dyno's.</summary>
    private async ValueTask<System.IO.Pipelines.ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _exchange.Context.Request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException e)
        {
            // The same type says that the framing is bad and that the client has left; RequestAborted follows a little later, so only the text tells them apart.
            var left = _exchange.Context.RequestAborted.IsCancellationRequested || e.Message.StartsWith("Unexpected end of request content", StringComparison.Ordinal);
            _exchange.BodyFailure = left ? RouterError.ClientInterrupted : RouterError.BadChunk;
            throw;
        }
        catch (IOException e) when (e.InnerException is OverflowException)
        {
            // How the server reports a chunk size beyond all bounds.
            _exchange.BodyFailure = RouterError.BadChunk;
            throw;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _exchange.BodyFailure = RouterError.ClientInterrupted;
            throw;
        }
    }
}
