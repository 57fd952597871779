using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class WebSocketProofTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_ends_unasked_before_the_drain_could_have_ended_it_is_a_failure(bool closes)
    {
        var report = await RunAsync(closes, TimeSpan.FromSeconds(30));

        var failure = Assert.Single(report.Failures);
        Assert.Equal(("WebSocket", FailureCause.Reset), (failure.Kind, failure.Cause));
        Assert.Contains("before the drain of 30 s", failure.Example, StringComparison.Ordinal);
        Assert.False(report.Holds);
        Assert.Equal((0, 0), (report.Closed, report.Cut));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_is_older_is_counted_apart(bool closes)
    {
        var report = await RunAsync(closes, TimeSpan.Zero);

        Assert.True(report.Holds, report.ToString());
        Assert.Equal(closes, report.Closed > 0);
        Assert.Equal(!closes, report.Cut > 0);
    }

    /// <summary>An app that ends each session at its fifth message.</summary>
    private static async Task<ZeroDowntimeReport> RunAsync(bool closes, TimeSpan drain)
    {
        var ended = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                context.Response.StatusCode = HttpMethods.IsGet(context.Request.Method) ? 200 : 405;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            for (var message = 1; message < 5; message++)
            {
                var got = await socket.ReceiveAsync(buffer, context.RequestAborted);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
            }

            if (closes)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, context.RequestAborted);
                while ((await socket.ReceiveAsync(buffer, context.RequestAborted)).MessageType != WebSocketMessageType.Close)
                {
                    // What was sent before the client heard of it.
                }
            }
            else
            {
                context.Abort();
            }

            Interlocked.Increment(ref ended);
        });
        await app.StartAsync();

        return await new ZeroDowntimeProof(new ZeroDowntimeOptions
        {
            Router = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.Single()).Port),
            Host = "app.localhost",
            Pause = TimeSpan.FromMilliseconds(1),
            WebSocketSession = TimeSpan.FromMinutes(5),
            DrainTimeout = drain,
        }).RunAsync(async end =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Volatile.Read(ref ended) < 10)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        });
    }
}
