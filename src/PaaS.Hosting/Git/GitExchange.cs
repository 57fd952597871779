using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Hosting;

/// <summary>
/// One HTTP exchange with one git process: the request's body is its input, its output is the answer, both as they come.
/// A client that leaves ends neither: what it sent so far is git's to judge, and the answer is read and dropped.
/// </summary>
internal sealed class GitExchange(HttpContext context, ProcessHandle process, string contentType)
{
    private const int BufferBytes = 64 << 10;
    private bool _clientLeft;

    /// <summary>Whether the request was larger than it may be.</summary>
    public bool TooLarge { get; private set; }

    /// <summary>What git said beside its answer: for the operator.</summary>
    public string Error { get; private set; } = string.Empty;

    /// <summary>Runs until git has ended and its answer has been sent.</summary>
    /// <param name="body">Its input, or null.</param>
    /// <param name="maxBytes">How much of the body is read at most.</param>
    /// <param name="preamble">What precedes its output.</param>
    /// <param name="drain">How long the body is read on when git has ended: a client that cannot send all does not read the answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">The host stops: no more of the body is read.</param>
    public async Task<ProcessExit> RunAsync(Stream? body, long maxBytes, ReadOnlyMemory<byte> preamble, TimeSpan drain, TimeProvider time, CancellationToken stopping)
    {
        using var drained = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(drained.Token, stopping);
        var error = GitText.ReadStartAsync(process.Error, cancellationToken: CancellationToken.None);
        var feed = body is null ? Task.CompletedTask : FeedAsync(body, maxBytes, enough.Token);
        var end = EndAsync();
        await AnswerAsync(preamble);
        var exit = await end;
        Error = await error;
        drained.CancelAfter(drain);
        await feed;
        return exit;
    }

    /// <summary>When git has ended nothing that it started may hold its pipes.</summary>
    private async Task<ProcessExit> EndAsync()
    {
        var exit = await process.Exited;
        await process.KillTreeAsync();
        return exit;
    }

    private async Task FeedAsync(Stream body, long maxBytes, CancellationToken enough)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var total = 0L;
            var listens = true;
            int length;
            while ((length = await ReadBodyAsync(body, buffer, enough)) > 0)
            {
                total += length;
                if (total > maxBytes)
                {
                    TooLarge = true;
                    return;
                }

                listens = listens && await TryWriteAsync(buffer.AsMemory(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);

            // The end of the input: in the middle of a pack git takes it as the failure that it is.
            await process.Input.DisposeAsync();
        }
    }

    private static async ValueTask<int> ReadBodyAsync(Stream body, byte[] buffer, CancellationToken enough)
    {
        try
        {
            return await body.ReadAsync(buffer, enough);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidDataException)
        {
            // The client has left, sent what is no gzip, or goes on sending long after git's answer.
            return 0;
        }
    }

    private async ValueTask<bool> TryWriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await process.Input.WriteAsync(bytes, CancellationToken.None);
            return true;
        }
        catch (IOException)
        {
            // git has ended early; its answer says why.
            return false;
        }
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> preamble)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var started = false;
            int length;
            while ((length = await process.Output.ReadAsync(buffer)) > 0)
            {
                if (!started)
                {
                    started = true;
                    Start();
                    await SendAsync(preamble);
                }

                await SendAsync(buffer.AsMemory(0, length));
            }

            if (!started && (await process.Exited).Succeeded)
            {
                // A probe: nothing asked, nothing answered.
                Start();
                await SendAsync(preamble);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Start()
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = contentType;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_clientLeft)
        {
            return;
        }

        try
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            _clientLeft = true;
        }
    }
}
