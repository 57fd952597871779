using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PaaS.Testing;

namespace PaaS.Routing.Tests;

/// <summary>What stands between the router and a client's socket.</summary>
public enum Wire
{
    /// <summary>Nothing: the router sends on the socket itself.</summary>
    Bare,

    /// <summary>A middleware: the router sends through pipes.</summary>
    Wrapped,
    Tls,
}

/// <summary>Kestrel's connections with machines of the test's own on them, and a clock that the test moves.</summary>
internal sealed class KestrelUnderTest : ITransportUnderTest
{
    private readonly Channel<ScriptedHandler> _clients = Channel.CreateUnbounded<ScriptedHandler>();
    private readonly PaaSRouter _router;
    private readonly WebApplication _server;

    private KestrelUnderTest(Wire wire, Action<ScriptedHandler>? configure, RouterOptions? options)
    {
        _router = new PaaSRouter(new RouteTable(), options, time: Time, logger: Log);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            Prepare(listen, wire);
            listen.Use(next => new ConnectionFront(Lanes, next, isBare: wire == Wire.Bare) { MakeClient = Make }.OnConnectionAsync);
        }));
        _server = builder.Build();

        IClientLinkHandler Make(Lane lane, Link link, ClientInfo client)
        {
            var handler = new ScriptedHandler(lane, link, client);
            configure?.Invoke(handler);
            _clients.Writer.TryWrite(handler);
            return handler;
        }
    }

    public ManualTimeProvider Time { get; } = new();

    public OperatorLog Log { get; } = new();

    public ConnectionLanes Lanes => _router.Lanes;

    public static async Task<KestrelUnderTest> StartAsync(Wire wire = Wire.Bare, Action<ScriptedHandler>? configure = null, RouterOptions? options = null)
    {
        var test = new KestrelUnderTest(wire, configure, options);
        await test._server.StartAsync();
        return test;
    }

    public async Task<Socket> DialAsync(Action<Socket>? prepare = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        prepare?.Invoke(socket);
        await socket.ConnectAsync(IPAddress.Loopback, RouterUnderTest.PortOf(_server), Limit.Token);
        return socket;
    }

    /// <summary>A client, and the machine that has it.</summary>
    public async Task<(Socket Client, ScriptedHandler Handler)> ConnectAsync(Action<Socket>? prepare = null) =>
        (await DialAsync(prepare), await _clients.Reader.ReadAsync(Limit.Token));

    /// <inheritdoc/>
    public bool IsGone(ScriptedHandler handler) => ((KestrelLink)handler.Link).Gone.IsCompleted;

    /// <summary>An encrypted client, and the machine that has it.</summary>
    public async Task<(SslStream Client, ScriptedHandler Handler)> ConnectTlsAsync()
    {
#pragma warning disable CA5359 // The certificate is made by the test.
        var stream = new SslStream(new NetworkStream(await DialAsync(), ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await stream.AuthenticateAsClientAsync("link.test");
        return (stream, await _clients.Reader.ReadAsync(Limit.Token));
    }

    /// <summary>A lane on which nothing happens but what the test does.</summary>
    public ConnectionLane NewLane() => new(Lanes) { Cut = () => { } };

    /// <summary>Begins a connection to a dyno, on a lane.</summary>
    public static async Task<ScriptedHandler> DialDynoAsync(ConnectionLane lane, DynoEndpoint dyno, Action<ScriptedHandler>? configure = null)
    {
        ScriptedHandler? handler = null;
        await LoopUnderTest.OnAsync(lane, () =>
        {
            var half = lane.Connect(dyno);
            handler = new ScriptedHandler(lane, half.Link);
            half.Link.Handler = handler;
            configure?.Invoke(handler);
        });
        return handler!;
    }

    public Task StopAsync() => _server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _router.Dispose();
    }

    private static void Prepare(ListenOptions listen, Wire wire)
    {
        switch (wire)
        {
            case Wire.Wrapped:
                listen.UseConnectionLogging();
                break;
            case Wire.Tls:
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(TlsRouter.Certificate("link.test"));
                break;
        }
    }
}
