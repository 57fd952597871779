using System.Diagnostics;

namespace PaaS.Routing.Tests;

/// <summary>Clients and dynos that hold connections, do not read, or go at any moment: nothing stays behind, and each routed request has its line.</summary>
[Collection(Alone.Name)]
public class ConnectionTests
{
    private const string Host = $"Host: {SafetyRouter.Host}\r\n";

    /// <summary>Where a client leaves: what it sends, and the target that tells when the dyno is there.</summary>
    private static readonly (string Sent, string? Target)[] ClientStages =
    [
        ("", null),
        ("GE", null),
        ("GET /no HTT", null),
        ("GET /no HTTP/1.1\r\nHo", null),
        ($"GET /no HTTP/1.1\r\n{Host}\r", null),
        ($"GET /wait/N HTTP/1.1\r\n{Host}\r\n", "/wait/N"),
        ($"GET /wait/N HTTP/1.1\r\n{Host}\r\nGET /next HTTP/1.1\r\nHos", "/wait/N"),
        ($"POST /wait/N HTTP/1.1\r\n{Host}Content-Length: 100\r\n\r\n", "/wait/N"),
        ($"POST /wait/N HTTP/1.1\r\n{Host}Content-Length: 100\r\n\r\nhalf", "/wait/N"),
        ($"POST /wait/N HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n1", "/wait/N"),
        ($"POST /wait/N HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n10\r\nhalf", "/wait/N"),
        ($"POST /wait/N HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", "/wait/N"),
        ($"GET /begin/N HTTP/1.1\r\n{Host}\r\n", "/begin/N"),
        ($"GET /chunk/N HTTP/1.1\r\n{Host}\r\n", "/chunk/N"),
        ($"GET /endless/N HTTP/1.1\r\n{Host}\r\n", "/endless/N"),
        ($"GET /tunnel/N HTTP/1.1\r\n{Host}Connection: Upgrade\r\nUpgrade: x\r\n\r\n", "/tunnel/N"),
        ($"GET /tunnel/N HTTP/1.1\r\n{Host}Connection: Upgrade\r\nUpgrade: x\r\n\r\nwords", "/tunnel/N"),
    ];

    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task Clients_that_leave_at_any_moment_leave_nothing_behind(Front front)
    {
        using var leaks = new Leaks();
        await using (var dyno = new StagedDyno())
        {
            await using var router = await SafetyRouter.StartAsync(front);
            router.Up(dyno.Endpoint);
            var count = ClientStages.Length * TestSize.Of(4, 200);
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                var (sent, target) = ClientStages[i % ClientStages.Length];
                var number = $"{i}";
                var client = await RawClient.ConnectAsync(router.Port);
                await client.SendAsync(sent.Replace("/N", $"/{number}", StringComparison.Ordinal));
                if (target is not null)
                {
                    await dyno.Reached(target.Replace("/N", $"/{number}", StringComparison.Ordinal));
                }

                if (i / ClientStages.Length % 2 == 0)
                {
                    client.Reset();
                }
                else
                {
                    await client.DisposeAsync();
                }
            });

            await Poll.UntilAsync(() => dyno.Endpoint.InFlight == 0, () => $"{dyno.Endpoint.InFlight} requests stay in flight.");
            await AllIsWellAsync(router, dyno);
            await Poll.UntilAsync(() => router.Logs.LastNumber == dyno.Seen, () => $"{router.Logs.LastNumber} lines for {dyno.Seen} requests.");
            var lines = await router.TakeLinesAsync();
            Assert.Equal(lines.Count, lines.DistinctBy(line => line.Id).Count());
            Assert.Empty(lines.Select(line => line.Code).Distinct().Except(["", "H27"]));
        }

        await leaks.NoneAsync();
    }

    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task Dynos_that_go_at_any_moment_leave_nothing_behind(Front front)
    {
        string[] answers = ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "HTTP/1.1 103 Early Hints\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConte"];
        var asked = 0;
        using var leaks = new Leaks();
        await using (var dyno = new RawDyno(async connection =>
        {
            // Some go before they have read anything.
            var number = Interlocked.Increment(ref asked);
            if (number % 7 > 0)
            {
                await connection.ReadUntilAsync("\r\n\r\n");
                await connection.SendAsync(answers[number % answers.Length]);
            }

            if (number % 3 > 0)
            {
                connection.Reset();
            }
        }))
        {

            // A connection that is reset as soon as it stands may count as refused; nobody is to wait for that.
            await using var router = await SafetyRouter.StartAsync(front, new RouterOptions { Quarantine = TimeSpan.Zero });
            router.Up(dyno.Endpoint);
            var count = TestSize.Of(200, 5000);
            var body = new string('b', 100_000);
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                await using var client = await RawClient.ConnectAsync(router.Port);
                try
                {
                    await client.SendAsync(i % 2 == 0 ? $"GET / HTTP/1.1\r\n{Host}Connection: close\r\n\r\n" : $"POST / HTTP/1.1\r\n{Host}Connection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // The router has answered and closed before it had all.
                }

                var bytes = await ReadAsync(client);
                var responses = StrictResponse.ReadAll(bytes, _ => false, true, out var fault);

                // In a pipeline a response that is cut right behind its head may not have left yet.
                var isCut = responses is [{ Status: 200, IsWhole: false }] || (responses is [] && front == Front.Pipeline);
                Assert.True(isCut || responses is [{ Status: 502 or 503, IsWhole: true }], $"{fault}: {Escaped.Bytes(bytes)}");
            });

            await Poll.UntilAsync(() => dyno.Endpoint.InFlight == 0, () => $"{dyno.Endpoint.InFlight} requests stay in flight.");
            await Poll.UntilAsync(() => router.Logs.LastNumber >= count, () => $"{router.Logs.LastNumber} lines for {count} requests.");
            var lines = await router.TakeLinesAsync();
            Assert.Equal(count, lines.DistinctBy(line => line.Id).Count());
            Assert.Equal(count, lines.Count);
        }

        await leaks.NoneAsync();
    }

    /// <summary>They send a byte now and then, and never a whole head. In a pipeline that is the server's to limit.</summary>
    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    public async Task Clients_that_drip_their_heads_are_turned_away_in_time_and_hold_little(Front front)
    {
        using var leaks = new Leaks();
        await using (var dyno = new StagedDyno())
        {
            await using var router = await SafetyRouter.StartAsync(front, new RouterOptions { HeadTimeout = TimeSpan.FromSeconds(1) });
            router.Up(dyno.Endpoint);
            await AllIsWellAsync(router, dyno);
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, TestSize.Of(200, 3000)).Select(async i =>
            {
                await using var client = await RawClient.ConnectAsync(router.Port);
                var answer = client.ReadToCloseAsync();
                try
                {
                    await client.SendAsync($"GET /slow HTTP/1.1\r\n{Host}X: ");
                    while (!answer.IsCompleted)
                    {
                        await client.SendAsync("x");
                        await Task.WhenAny(answer, Task.Delay(200));
                    }
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // It was closed in the meantime.
                }

                var text = await answer;
                Assert.True(text.Length == 0 || text.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), text);
            })).WaitAsync(Limit.Unexpected);
            await AllIsWellAsync(router, dyno);
            Assert.Equal(2, router.Logs.LastNumber);
        }

        await leaks.NoneAsync();
    }

    /// <summary>In a pipeline that is the server's to limit.</summary>
    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    public async Task Thousands_of_idle_connections_hinder_nobody_and_are_closed_in_time(Front front)
    {
        using var leaks = new Leaks();
        await using (var dyno = new StagedDyno())
        {
            await using var router = await SafetyRouter.StartAsync(front, new RouterOptions { ClientIdleTimeout = TimeSpan.FromSeconds(3) });
            router.Up(dyno.Endpoint);
            var count = TestSize.Of(500, 5000);
            var clients = new RawClient[count];
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                clients[i] = await RawClient.ConnectAsync(router.Port);
                await clients[i].SendAsync($"GET /good HTTP/1.1\r\n{Host}\r\n");
                Assert.Equal("good", (await clients[i].ReadResponseAsync()).Body);
            });
            await AllIsWellAsync(router, dyno);
            foreach (var client in clients)
            {
                Assert.Equal("", await client.ReadToCloseAsync());
                await client.DisposeAsync();
            }

            Assert.Equal(count + 1, router.Logs.LastNumber);
        }

        await leaks.NoneAsync();
    }

    /// <summary>The dyno is slowed to what the client takes, and the client that takes nothing is given up.</summary>
    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task Clients_that_never_read_hold_little_and_are_given_up(Front front)
    {
        using var leaks = new Leaks();
        await using (var dyno = new StagedDyno())
        {
            await using var router = await SafetyRouter.StartAsync(front, new RouterOptions { IdleTimeout = TimeSpan.FromSeconds(2) });
            router.Up(dyno.Endpoint);
            await AllIsWellAsync(router, dyno);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var count = TestSize.Of(20, 200);
            var clients = new List<RawClient>();
            for (var i = 0; i < count; i++)
            {
                var client = await RawClient.ConnectAsync(router.Port);
                await client.SendAsync($"GET /endless/{i} HTTP/1.1\r\n{Host}\r\n");
                clients.Add(client);
            }

            await Task.WhenAll(Enumerable.Range(0, count).Select(i => dyno.Reached($"/endless/{i}")));
            var held = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
            Assert.True(held < 1024 * 1024, $"{held} bytes are held for each client.");
            await Poll.UntilAsync(() => dyno.Endpoint.InFlight == 0, () => $"{dyno.Endpoint.InFlight} requests stay in flight.");
            clients.ForEach(client => client.Reset());
            await AllIsWellAsync(router, dyno);
            var lines = await router.TakeLinesAsync();
            Assert.Equal(count + 2, lines.Count);
            Assert.Equal(count, lines.Count(line => line.Code is "H15" or "H28"));
        }

        await leaks.NoneAsync();
    }

    private static async Task AllIsWellAsync(SafetyRouter router, StagedDyno dyno)
    {
        await using var client = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync($"GET /good HTTP/1.1\r\n{Host}\r\n");
        Assert.Equal("good", (await client.ReadResponseAsync()).Body);
        await Poll.UntilAsync(() => dyno.Endpoint.InFlight == 0, () => $"{dyno.Endpoint.InFlight} requests stay in flight.");
    }

    private static async Task<byte[]> ReadAsync(RawClient client) => System.Text.Encoding.Latin1.GetBytes(await client.ReadToCloseAsync());
}
