using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>What an embedder decides in place of the router, over real sockets.</summary>
public sealed class PolicyTests : IAsyncLifetime, IDisposable, IExtraHeaders, IErrorPages
{
    private readonly RouteTable _routes = new();
    private readonly LogStream _logs = new();
    private readonly AppId _app = AppId.New();
    private PaaSRouter _router = null!;
    private FastRouterListener _listener = null!;
    private Exception? _failure;

    public async Task InitializeAsync()
    {
        _router = new PaaSRouter(_routes, policies: new RouterPolicies { ExtraHeaders = this, ErrorPages = this }, logger: NullLogger<PaaSRouter>.Instance);
        _listener = await FastRouterListener.StartAsync(_router, new IPEndPoint(IPAddress.Loopback, 0));
    }

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose() => _router.Dispose();

    [Fact]
    public async Task Headers_are_added_both_ways_with_the_request_at_hand()
    {
        await using var dyno = RawDyno.Hello();

        var response = await SendAsync("GET /x HTTP/1.1\r\nHost: app.example.com\r\nX-Client: c\r\nX-Tenant: forged\r\n\r\n", dyno.Endpoint);

        var request = Assert.Single(dyno.Requests);
        Assert.Equal("demo", request.Header("X-Own-App"));
        Assert.Equal("c", request.Header("X-Seen"));
        Assert.Equal(new string('x', 5000), request.Header("X-Long"));
        Assert.Equal("hello", response.Body);
        Assert.Equal("/x", response.Header("X-Own-Path"));
        Assert.Equal("demo", response.Header("X-Seen-App"));
    }

    [Fact]
    public async Task A_switch_of_protocols_gets_them_too()
    {
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        });

        var response = await SendAsync("GET /up HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", dyno.Endpoint);

        Assert.Equal((101, "/up"), (response.Status, response.Header("X-Own-Path")));
    }

    [Theory]
    [InlineData("/to-dyno")]
    [InlineData("/to-client")]
    public async Task A_policy_that_fails_is_the_platforms_fault_and_the_router_goes_on(string path)
    {
        await using var dyno = RawDyno.Hello();
        _failure = new InvalidOperationException(path);

        var failed = await SendAsync($"GET {path} HTTP/1.1\r\nHost: app.example.com\r\n\r\n", dyno.Endpoint);
        _failure = null;
        var next = await SendAsync("GET /x HTTP/1.1\r\nHost: app.example.com\r\n\r\n", dyno.Endpoint);

        Assert.Equal((503, 200), (failed.Status, next.Status));
        await LinesAsync(2);
        var first = _router.Requests.Recent(2)[1];
        Assert.Equal(("H99", path), (first.Code, first.Target));
        Assert.Equal(path == "/to-dyno" ? 1 : 2, dyno.Requests.Count);
    }

    [Fact]
    public async Task An_own_page_is_sent_with_its_type()
    {
        var response = await SendAsync("GET /x HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        Assert.Equal((503, "own page for H14", "text/x-own"), (response.Status, response.Body, response.Header("Content-Type")));
    }

    [Fact]
    public async Task What_came_of_a_request_can_be_explained_by_the_id_in_its_line()
    {
        await using var dyno = RawDyno.Hello("web.2");

        await SendAsync("GET /why HTTP/1.1\r\nHost: app.example.com\r\nX-Request-Id: why-why-why-why-why-why\r\n\r\n", RawDyno.Refusing(), dyno.Endpoint);

        var line = Assert.Single(await LinesAsync(1));
        var trace = _router.Requests.Find("why-why-why-why-why-why", _app);
        Assert.NotNull(trace);
        Assert.Equal(("/why", "web.2", 200, HostMatch.Exact), (trace.Target, trace.Dyno, trace.Status, trace.HostMatch));
        Assert.InRange(trace.Attempts.Length, 1, 2);
        Assert.Equal(AttemptOutcome.Connected, trace.Attempts[^1].Outcome);
        Assert.True(trace.ConnectedAfter <= trace.SentAfter && trace.SentAfter <= trace.FirstByteAfter && trace.FirstByteAfter <= trace.Duration, string.Join('\n', trace.Steps));
        Assert.Contains(" path=\"/why\" host=app.example.com request_id=why-why-why-why-why-why fwd=\"127.0.0.1\" dyno=web.2 connect=", line, StringComparison.Ordinal);
    }

    void IExtraHeaders.ToDyno(in RequestView request, HeaderLines headers)
    {
        if (_failure is not null && request.Target.SequenceEqual("/to-dyno"u8))
        {
            throw _failure;
        }

        headers.Add("X-Own-App"u8, HeadText.Bytes(request.Route.Name.ToString()));

        // More than the head's memory has room for, while the head is read.
        headers.Add("X-Long"u8, HeadText.Bytes(new string('x', 5000)));
        headers.Add("X-Seen"u8, request.TryGetHeader("x-client"u8, out var value) ? value : default);
    }

    void IExtraHeaders.ToClient(in RequestView request, HeaderLines headers)
    {
        if (_failure is not null && request.Target.SequenceEqual("/to-client"u8))
        {
            throw _failure;
        }

        headers.Add("X-Own-Path"u8, request.Target);
        headers.Add("X-Seen-App"u8, request.TryGetHeader("X-Own-App"u8, out var value) ? value : default);
    }

    RoutePage? IErrorPages.Find(in RequestView request, string code, int status) =>
        code == "H14" ? new RoutePage("text/x-own", HeadText.Bytes($"own page for {code}")) : null;

    /// <summary>Waits for them: a client has its response a moment before the line is written.</summary>
    private async Task<List<string>> LinesAsync(int count)
    {
        var lines = new List<string>();
        await foreach (var line in _logs.TailAsync(new LogTail { After = 0, Follow = true }, Limit.Token))
        {
            lines.Add(line.Message);
            if (lines.Count == count)
            {
                break;
            }
        }

        return lines;
    }

    private async Task<RawResponse> SendAsync(string request, params DynoEndpoint[] dynos)
    {
        _routes.Set(new AppRoute(_app, AppName.Parse("demo"), ["app.example.com"], dynos is [] ? WebState.None : WebState.Up, [.. dynos], _logs));
        await using var client = await RawClient.ConnectAsync(_listener.EndPoint.Port);
        await client.SendAsync(request);
        return await client.ReadResponseAsync();
    }
}
