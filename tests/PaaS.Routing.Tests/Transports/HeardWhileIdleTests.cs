using System.Diagnostics.Metrics;
using System.Net;

namespace PaaS.Routing.Tests;

/// <summary>Moments of the fast listener in which one request could harm another.</summary>
public sealed class HeardWhileIdleTests : IAsyncLifetime, IDisposable, IMeterFactory
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n";

    private readonly RouteTable _routes = new();
    private readonly LogStream _logs = new();
    private readonly MeterListener _measuring = new();
    private Meter? _meter;
    private PaaSRouter _router = null!;
    private FastRouterListener _listener = null!;

    public async Task InitializeAsync()
    {
        _router = new PaaSRouter(_routes, meters: this);
        _listener = await FastRouterListener.StartAsync(_router, new IPEndPoint(IPAddress.Loopback, 0), new FastRouterListenerOptions { Loops = 1 });
    }

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose()
    {
        _measuring.Dispose();
        _router?.Dispose();
        _meter?.Dispose();
    }

    public Meter Create(MeterOptions options) => _meter ??= new Meter(options);

    [Fact]
    public async Task What_a_dyno_says_unasked_is_not_the_answer_to_a_request_of_the_same_moment()
    {
        var speak = new TaskCompletionSource();
        var spoken = new TaskCompletionSource();
        var connections = 0;
        await using var dyno = new RawDyno(async connection =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            if (isFirst)
            {
                await speak.Task;
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
                spoken.SetResult();
            }

            await connection.ReadToCloseAsync();
        });
        Up(dyno.Endpoint);
        await using var client = await RawClient.ConnectAsync(_listener.EndPoint.Port);
        await client.SendAsync(Get);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);

        // Both are there when the loop looks again, the request first.
        using var held = new ManualResetEventSlim();
        using var isHeld = new ManualResetEventSlim();
        _listener.Loops[0].Post(
            _ =>
            {
                isHeld.Set();
                held.Wait(Limit.Unexpected);
            },
            null);
        Assert.True(isHeld.Wait(Limit.Unexpected));
        await client.SendAsync(Get);
        speak.SetResult();
        await spoken.Task.WaitAsync(Limit.Unexpected);
        held.Set();

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        Assert.Equal(2, dyno.Connections);
    }

    [Fact]
    public async Task Who_listens_to_the_metrics_and_fails_costs_neither_line_nor_connection()
    {
        _measuring.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _measuring.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("A listener of the test's."));
        _measuring.Start();
        await using var dyno = RawDyno.Hello();
        Up(dyno.Endpoint);
        await using var client = await RawClient.ConnectAsync(_listener.EndPoint.Port);

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        }

        var lines = 0;
        await foreach (var line in _logs.TailAsync(new LogTail { After = 0, Follow = true }, Limit.Token))
        {
            Assert.StartsWith("at=info ", line.Message, StringComparison.Ordinal);
            if (++lines == 2)
            {
                break;
            }
        }
    }

    private void Up(DynoEndpoint dyno) => _routes.Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [dyno], _logs));
}
