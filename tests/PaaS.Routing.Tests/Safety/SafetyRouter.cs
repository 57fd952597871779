using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Routing.Tests;

/// <summary>A router behind one of its fronts, with the log of one app.</summary>
internal sealed class SafetyRouter : IAsyncDisposable
{
    public const string Host = "app.example.com";

    private readonly AppId _app = AppId.New();
    private readonly IAsyncDisposable _front;
    private long _read;

    private SafetyRouter(PaaSRouter router, RouteTable routes, IAsyncDisposable front, int port, int lines)
    {
        Router = router;
        Routes = routes;
        _front = front;
        Port = port;
        Logs = new LogStream(capacity: lines);
    }

    public PaaSRouter Router { get; }

    public int Port { get; }

    public RouteTable Routes { get; }

    public LogStream Logs { get; }

    public static async Task<SafetyRouter> StartAsync(Front front, RouterOptions? options = null, RouterPolicies? policies = null, int lines = 100_000)
    {
        var routes = new RouteTable();
        var router = new PaaSRouter(routes, options, policies);
        if (front == Front.Fast)
        {
            var fast = await FastRouterListener.StartAsync(router, new IPEndPoint(IPAddress.Loopback, 0), new FastRouterListenerOptions { Loops = 2 });
            return new SafetyRouter(router, routes, fast, fast.EndPoint.Port, lines);
        }

        var kestrel = RouterUnderTest.Listen(front, router);
        await kestrel.StartAsync();
        return new SafetyRouter(router, routes, kestrel, RouterUnderTest.PortOf(kestrel), lines);
    }

    public void Up(params DynoEndpoint[] dynos) => Routes.Set(new AppRoute(_app, AppName.Parse("app"), [Host], WebState.Up, [.. dynos], Logs));

    /// <summary>The router lines since the last call.</summary>
    public async Task<List<RouterLine>> TakeLinesAsync()
    {
        var lines = new List<RouterLine>();
        await foreach (var line in Logs.TailAsync(new LogTail { After = _read }))
        {
            _read = line.Number;
            lines.Add(RouterLine.Parse(Encoding.Latin1.GetString(line.Text.Span)));
        }

        return lines;
    }

    /// <summary>Waits for a router line that was not taken yet.</summary>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> LineComesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Logs.TailAsync(new LogTail { After = _read, Follow = true }, cancellationToken).AnyAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        Router.Dispose();
    }
}

/// <summary>A line that the router wrote of a request.</summary>
internal sealed record RouterLine(string Text, string Id, string Peer, string Code, string Dyno, string Status)
{
    public static RouterLine Parse(string text) => new(
        text,
        Field(text, " request_id=([^ ]*)"),
        Field(text, " fwd=\"(?:[^\"]*, )?([0-9.]+)\""),
        Field(text, " code=([^ ]*)"),
        Field(text, " dyno=([^ ]*)"),
        Field(text, " status=([^ ]*)"));

    private static string Field(string text, string pattern) => Regex.Match(text, pattern).Groups[1].Value;
}
