using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Hosting;

/// <summary><c>/streams/{secret}</c>: a log as plain text or, for the CLI, as server-sent events. The address is the credential.</summary>
internal sealed class StreamsResource(StreamTickets tickets, TimeProvider time, CancellationToken stopping)
{
    /// <summary>How often a silent stream of events gets a comment, so that nobody in between takes it for dead.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/streams/{secret}", ReadAsync);

    private async Task ReadAsync(HttpContext context)
    {
        using var use = tickets.Open((string?)context.GetRouteValue("secret") ?? string.Empty);
        if (use is null)
        {
            await ApiError.NotFound("This stream has expired. Ask for a new one.").WriteAsync(context);
            return;
        }

        if (use.View.Open() is not { } log)
        {
            await ApiError.NotFound("It has not started yet. Try again in a few seconds.").WriteAsync(context);
            return;
        }

        var events = context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        context.Response.ContentType = events ? "text/event-stream" : "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var tail = use.View.Tail;
        if (events && long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            tail = tail with { After = last };
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await context.Response.StartAsync(ended.Token);
            await WriteAsync(context.Response, log, use.View with { Tail = tail }, events, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left, or the host stops: a clean end lets the reader come back with its cursor.
        }
    }

    private async Task WriteAsync(HttpResponse response, LogStream log, StreamView view, bool events, CancellationToken cancellationToken)
    {
        await using var lines = log.TailAsync(view.Tail, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = lines.MoveNextAsync().AsTask();
            try
            {
                if (!next.IsCompleted)
                {
                    await response.Body.FlushAsync(cancellationToken);
                }

                while (events && !await ComesSoonAsync(next))
                {
                    await response.WriteAsync(":\n\n", cancellationToken);
                    await response.Body.FlushAsync(cancellationToken);
                }
            }
            catch
            {
                // A cursor that still moves cannot be closed; what ends the response ends the move as well.
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            if (!await next)
            {
                return;
            }

            var line = lines.Current;
            var text = view.BareText ? line.Message : line.ToString();
            await response.WriteAsync(events ? string.Create(CultureInfo.InvariantCulture, $"id: {line.Number}\ndata: {text.Replace('\r', ' ')}\n\n") : text + "\n", cancellationToken);
        }
    }

    private async Task<bool> ComesSoonAsync(Task next)
    {
        try
        {
            await next.WaitAsync(KeepAlive, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
