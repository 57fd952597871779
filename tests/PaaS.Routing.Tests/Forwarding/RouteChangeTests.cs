using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing.Tests;

public sealed class RouteChangeTestsOnConnections() : RouteChangeTests(Front.Connection);

public sealed class RouteChangeTestsOnPipelines() : RouteChangeTests(Front.Pipeline);

public abstract class RouteChangeTests(Front front) : FrontTests(front)
{
    [Fact]
    public async Task No_request_is_lost_while_dynos_are_replaced_under_load()
    {
        const int Replacements = 40;
        await using var router = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{router.Port}/") };
        http.DefaultRequestHeaders.Host = RouterUnderTest.Host;
        var current = await StartDynoAsync(0);
        router.Up(current.Endpoint);
        using var stop = new CancellationTokenSource();

        var clients = Enumerable.Range(0, 16).Select(async client =>
        {
            var done = 0;
            while (!stop.IsCancellationRequested)
            {
                using var response = client % 2 == 0 ? await http.GetAsync("x") : await http.PostAsync("x", new StringContent("body"));
                Assert.Equal("ok", await response.Content.ReadAsStringAsync());
                done++;
            }

            return done;
        }).ToList();

        for (var i = 1; i <= Replacements; i++)
        {
            // The order of a swap: new into the table, old out of it, drained, stopped. Every third swap retires first: requests wait meanwhile.
            var next = await StartDynoAsync(i);
            if (i % 3 == 0)
            {
                current.Endpoint.Retire();
            }

            router.Up(next.Endpoint);
            current.Endpoint.Retire();
            await current.Endpoint.Drained.WaitAsync(Limit.Unexpected);
            await current.DisposeAsync();
            current = next;
        }

        await stop.CancelAsync();
        var total = (await Task.WhenAll(clients).WaitAsync(Limit.Unexpected)).Sum();
        await current.DisposeAsync();

        Assert.InRange(total, Replacements, int.MaxValue);
        await foreach (var line in router.Logs.TailAsync(new LogTail { Lines = LogStream.DefaultCapacity }))
        {
            Assert.StartsWith("at=info ", line.Message, StringComparison.Ordinal);
        }

        static Task<KestrelDyno> StartDynoAsync(int i) => KestrelDyno.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await context.Response.WriteAsync("ok");
            },
            $"web.{i + 1}");
    }

    [Fact]
    public async Task A_request_in_flight_stays_with_its_dyno_when_that_is_retired()
    {
        var began = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var other = RawDyno.Hello("web.2");
        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            began.SetResult();
            await go.Task;
            await context.Response.WriteAsync("late");
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await began.Task.WaitAsync(Limit.Unexpected);
        router.Up(other.Endpoint);
        dyno.Endpoint.Retire();
        Assert.False(dyno.Endpoint.Drained.IsCompleted);
        Assert.Equal("hello", (await router.GetAsync()).Body);
        go.SetResult();

        Assert.Equal("late", (await client.ReadResponseAsync()).Body);
        await dyno.Endpoint.Drained.WaitAsync(Limit.Unexpected);
    }

    [Fact]
    public async Task The_connections_to_a_dyno_are_closed_once_it_is_drained()
    {
        var closed = new TaskCompletionSource<TimeSpan>();
        await using var router = await StartAsync(new RouterOptions { PoolIdleTimeout = TimeSpan.FromMinutes(5) });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToCloseAsync();
            closed.SetResult(TimeSpan.Zero);
        });
        router.Up(dyno.Endpoint);
        Assert.Equal(200, (await router.GetAsync()).Status);

        router.Route(WebState.None);
        dyno.Endpoint.Retire();

        await closed.Task.WaitAsync(Limit.Unexpected);
    }

    [Fact]
    public async Task Requests_are_spread_over_all_dynos()
    {
        await using var router = await StartAsync(selector: new RandomDynoSelector(new Random(3)));
        await using var one = RawDyno.Hello();
        await using var two = RawDyno.Hello("web.2");
        await using var three = RawDyno.Hello("web.3");
        router.Up(one.Endpoint, two.Endpoint, three.Endpoint);

        for (var i = 0; i < 90; i++)
        {
            Assert.Equal(200, (await router.GetAsync()).Status);
        }

        Assert.All([one, two, three], dyno => Assert.InRange(dyno.Requests.Count, 15, 50));
    }
}
