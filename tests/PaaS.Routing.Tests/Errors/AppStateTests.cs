using System.Text.Json;

namespace PaaS.Routing.Tests;

public sealed class AppStateTestsOnConnections() : AppStateTests(Front.Connection);

public sealed class AppStateTestsOnPipelines() : AppStateTests(Front.Pipeline);

public abstract class AppStateTests(Front front) : FrontTests(front)
{
    [Theory]
    [InlineData(WebState.Blank, "at=info code=H81 desc=\"Blank app\"")]
    [InlineData(WebState.None, "at=error code=H14 desc=\"No web processes running\"")]
    [InlineData(WebState.Crashed, "at=error code=H10 desc=\"App crashed\"")]
    public async Task Without_a_dyno_the_state_says_why(WebState state, string begin)
    {
        await using var router = await StartAsync();
        router.Route(state);

        var response = await router.GetAsync("/x");

        Assert.Equal(503, response.Status);
        Assert.Equal("text/html; charset=utf-8", response.Header("Content-Type"));
        Assert.Equal("no-cache, no-store", response.Header("Cache-Control"));
        Assert.Matches(
            $"^{begin} method=GET path=\"/x\" host=app.example.com request_id=[0-9a-f-]{{36}} fwd=\"127.0.0.1\" dyno= connect= service= status=503 bytes={response.Body.Length} protocol=http1.1 tls=false$",
            await router.NextLineAsync());
    }

    [Fact]
    public async Task A_client_that_wants_json_gets_json()
    {
        await using var router = await StartAsync();
        router.Route(WebState.None);

        var response = await router.GetAsync(headers: "Accept: application/json\r\nX-Request-Id: aaaaaaaaaabbbbbbbbbb\r\n");

        using var json = JsonDocument.Parse(response.Body);
        Assert.Equal("application/json", response.Header("Content-Type"));
        Assert.Equal("H14", json.RootElement.GetProperty("id").GetString());
        Assert.Equal("No web processes running", json.RootElement.GetProperty("message").GetString());
        Assert.Equal("aaaaaaaaaabbbbbbbbbb", json.RootElement.GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task Head_gets_the_error_without_a_body()
    {
        await using var router = await StartAsync();
        router.Route(WebState.None);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n");
        var answer = await client.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(" bytes=0 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_gets_the_no_such_app_page_and_no_line_in_any_log()
    {
        var operatorLog = new RecordingLogger();
        await using var router = await StartAsync(logger: operatorLog);
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        var response = await router.SendAsync("GET / HTTP/1.1\r\nHost: nobody.example.com\r\n\r\n");

        Assert.Equal(404, response.Status);
        Assert.Contains("No such app", response.Body, StringComparison.Ordinal);
        Assert.Equal("no-cache, no-store", response.Header("Cache-Control"));
        Assert.Equal(0, dyno.Connections);
        Assert.Equal(0, router.Logs.LastNumber);
        Assert.Contains(operatorLog.Lines, line => line.StartsWith("Debug No app has the host name nobody.example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_waits_for_a_dyno_that_starts()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Route(WebState.Starting);

        await using var client = await router.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await router.SomeoneWaits;
        router.Route(WebState.Starting);
        router.Up(dyno.Endpoint);

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task A_request_wakes_dynos_that_sleep_and_waits_for_them()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        var woken = 0;
        router.Idle(() =>
        {
            Interlocked.Increment(ref woken);
            router.Route(WebState.Starting);
            router.Up(dyno.Endpoint);
        });

        Assert.Equal("hello", (await router.GetAsync()).Body);
        Assert.Equal(1, woken);
        Assert.Contains("at=info", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dynos_that_sleep_and_do_not_wake_in_time_are_H20()
    {
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.FromMilliseconds(200) });
        router.Idle(static () => { });

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.StartsWith("at=error code=H20 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dyno_that_does_not_start_in_time_is_H20()
    {
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.FromMilliseconds(200) });
        router.Route(WebState.Starting);

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.StartsWith("at=error code=H20 desc=\"App boot timeout\" ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_all_dynos_are_retired_a_request_waits_for_new_ones()
    {
        await using var router = await StartAsync();
        await using var old = RawDyno.Hello();
        await using var fresh = RawDyno.Hello("web.2");
        old.Endpoint.Retire();
        router.Up(old.Endpoint);

        await using var client = await router.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await router.SomeoneWaits;
        router.Up(fresh.Endpoint);

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        Assert.Equal(0, old.Connections);
        Assert.Contains(" dyno=web.2 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_is_H27()
    {
        await using var router = await StartAsync();
        router.Route(WebState.Starting);
        var client = await router.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await router.SomeoneWaits;

        client.Reset();

        Assert.Matches("^sock=client at=warning code=H27 desc=\"Client Request Interrupted\" .* dyno= connect= service= status=499 bytes=0 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task Too_many_requests_in_flight_are_turned_away_at_once()
    {
        await using var router = await StartAsync(new RouterOptions { MaxInFlightPerDyno = 2 });
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        Assert.True(dyno.Endpoint.TryAcquire());
        Assert.True(dyno.Endpoint.TryAcquire());

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.StartsWith("at=error code=H11 desc=\"Backlog too deep\" ", await router.NextLineAsync(), StringComparison.Ordinal);

        dyno.Endpoint.Release();
        Assert.Equal(200, (await router.GetAsync()).Status);
    }

    [Fact]
    public async Task An_unknown_expectation_is_refused()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        Assert.Equal(417, (await router.GetAsync(headers: "Expect: whatever\r\n")).Status);
        Assert.Matches("^at=error code=H26 desc=\"Request Error\" cause=\"unsupported expect header value\" .* dyno= .* status=417 ", await router.NextLineAsync());
        Assert.Equal(0, dyno.Connections);
    }

    [Fact]
    public async Task The_routers_own_fault_is_H99_and_in_the_operators_log()
    {
        var operatorLog = new RecordingLogger();
        await using var router = await StartAsync(selector: new BrokenSelector(), logger: operatorLog);
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.StartsWith("at=error code=H99 desc=\"Platform error\" ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.Contains(operatorLog.Lines, line => line.StartsWith("Error Request ", StringComparison.Ordinal) && line.Contains("failed inside the router (H99)", StringComparison.Ordinal));
    }

    private sealed class BrokenSelector : IDynoSelector
    {
        public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request) => throw new InvalidOperationException("broken");
    }
}
