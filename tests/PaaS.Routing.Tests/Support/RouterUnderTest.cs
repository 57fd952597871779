using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing.Tests;

/// <summary>A router on a real listener, with one app at <c>app.example.com</c>.</summary>
internal sealed class RouterUnderTest : IAsyncDisposable
{
    public const string Host = "app.example.com";
    private readonly WebApplication _server;
    private readonly WatchedTable _table;
    private readonly AppId _app = AppId.New();
    private long _read;

    private RouterUnderTest(WebApplication server, PaaSRouter router, WatchedTable table, int port)
    {
        _server = server;
        Router = router;
        _table = table;
        Port = port;
    }

    public PaaSRouter Router { get; }

    public RouteTable Routes => _table.Routes;

    public LogStream Logs { get; } = new();

    public int Port { get; }

    /// <summary>Completes when a request waits for a change of its route.</summary>
    public Task SomeoneWaits => _table.Waits.Task.WaitAsync(Limit.Unexpected);

    public static async Task<RouterUnderTest> StartAsync(Front front = Front.Connection, RouterOptions? options = null, IDynoSelector? selector = null, ILogger<PaaSRouter>? logger = null)
    {
        var table = new WatchedTable();
        var router = new PaaSRouter(table, options, selector is null ? null : new RouterPolicies { Selector = selector }, logger: logger);
        var server = Listen(front, router);
        await server.StartAsync();
        return new RouterUnderTest(server, router, table, PortOf(server));
    }

    /// <summary>A server with a router behind one of the fronts on Kestrel.</summary>
    public static WebApplication Listen(Front front, PaaSRouter router) => front switch
    {
        Front.Connection => Listen(_ => throw new InvalidOperationException("HTTP/1 came through to the pipeline."), kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.UsePaaSRouter(router))),
        Front.Pipeline => Listen(router.ToRequestDelegate(), RouterListener.Configure),
        _ => throw new ArgumentOutOfRangeException(nameof(front), front, "This front is not one of Kestrel's."),
    };

    public static WebApplication Listen(RequestDelegate handler, Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => configure?.Invoke(kestrel));
        var app = builder.Build();
        app.Run(handler);
        return app;
    }

    public static int PortOf(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public void Route(WebState state, params DynoEndpoint[] dynos) =>
        Routes.Set(new AppRoute(_app, AppName.Parse("app"), [Host], state, [.. dynos], Logs));

    /// <summary>The app sleeps.</summary>
    public void Idle(Action wake) => Routes.Set(new AppRoute(_app, AppName.Parse("app"), [Host], WebState.Idle, [], Logs) { Wake = wake });

    public void Up(params DynoEndpoint[] dynos) => Route(WebState.Up, dynos);

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Port);

    /// <summary>Sends one request on a connection of its own.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(request.StartsWith("HEAD", StringComparison.Ordinal));
    }

    public Task<RawResponse> GetAsync(string path = "/", string headers = "") =>
        SendAsync($"GET {path} HTTP/1.1\r\nHost: {Host}\r\n{headers}\r\n");

    /// <summary>The next router line; waits for it.</summary>
    public async Task<string> NextLineAsync()
    {
        await foreach (var line in Logs.TailAsync(new LogTail { After = _read, Follow = true }, Limit.Token))
        {
            _read = line.Number;
            Assert.Equal("router", line.Process);
            Assert.Equal(LogSource.Heroku, line.Source);
            return Encoding.Latin1.GetString(line.Text.Span);
        }

        throw new InvalidOperationException("The log has ended.");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Router.Dispose();
    }

    private sealed class WatchedTable : IRouteTable
    {
        public RouteTable Routes { get; } = new();

        public TaskCompletionSource Waits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AppRoute? Find(string host) => Routes.Find(host);

        public ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken)
        {
            Waits.TrySetResult();
            return Routes.WaitForChangeAsync(route, cancellationToken);
        }
    }
}
