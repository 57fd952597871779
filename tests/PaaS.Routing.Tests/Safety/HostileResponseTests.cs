using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>
/// A dyno that answers with ambiguous framings, too much, too little, or with another protocol, on connections that are kept: nothing that it says in
/// answer to one request ever comes back to another.
/// </summary>
[Collection(Alone.Name)]
public class HostileResponseTests(ITestOutputHelper output)
{
    private const string PatientHost = "app.example.com";
    private const string HurriedHost = "hurried.example.com";
    private const int Together = 16;
    private const int Round = 5;

    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task No_answer_of_a_hostile_dyno_reaches_another_request(Front front)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PAAS_SEED"), out var given) ? given : Random.Shared.Next(900_000_000);
        var count = TestSize.Of(300, 10_000);
        output.WriteLine($"{count} answers from seed {seed} (PAAS_SEED={seed} runs them again).");
        var behaviour = new HostileBehaviour();
        await using var dyno = new RawDyno(behaviour.ServeAsync);
        await using var router = await SafetyRouter.StartAsync(front);
        var settings = new RouteSettings { FirstByteTimeout = TimeSpan.FromMilliseconds(300), IdleTimeout = TimeSpan.FromMilliseconds(300) };
        router.Up(dyno.Endpoint);
        router.Routes.Set(new AppRoute(AppId.New(), AppName.Parse("hurried"), [HurriedHost], WebState.Up, [dyno.Endpoint], router.Logs) { Settings = settings });
        var wrong = new List<string>();
        var asked = new int[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Together }, async (i, _) =>
        {
            var (verdict, requests) = await AskAsync(router, i, seed + i);
            asked[i] = requests;
            if (verdict is not null)
            {
                lock (wrong)
                {
                    wrong.Add($"PAAS_SEED={seed + i}: {verdict}\nthe dyno's answer: {Escaped.Bytes(new HostileAnswer(seed + i).Bytes)} ({new HostileAnswer(seed + i).Ending})");
                }
            }
        });

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Take(4)));
        Assert.True(behaviour.Faults.IsEmpty, string.Join('\n', behaviour.Faults.Take(5)));
        await Poll.UntilAsync(() => dyno.Endpoint.InFlight == 0, () => $"{dyno.Endpoint.InFlight} requests stay in flight.");
        await Poll.UntilAsync(() => router.Logs.LastNumber >= asked.Sum(), () => $"{router.Logs.LastNumber} lines for {asked.Sum()} requests.");
        var lines = (await router.TakeLinesAsync()).ToLookup(line => line.Peer);
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(asked[i], lines[HostileClient.AddressOf(i + 1).ToString()].Count()));

        // Connections were kept indeed.
        output.WriteLine($"{asked.Sum()} requests on {dyno.Connections} connections to the dyno.");
        Assert.True(dyno.Connections < asked.Sum() * 4 / 5, $"{asked.Sum()} requests took {dyno.Connections} connections.");
    }

    /// <summary>What comes on a kept connection while nobody has asked is not the answer to who asks next.</summary>
    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task A_kept_connection_on_which_a_dyno_speaks_unasked_is_closed(Front front)
    {
        var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var speak = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connections = 0;
        await using var dyno = new RawDyno(async connection =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
            if (isFirst)
            {
                await speak.Task;
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                closed.SetResult(await connection.ReadToCloseAsync());
            }
        });
        await using var router = await SafetyRouter.StartAsync(front);
        router.Up(dyno.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {PatientHost}\r\n\r\n");
        Assert.Equal("good", (await client.ReadResponseAsync()).Body);

        speak.SetResult();
        Assert.Equal("", await closed.Task.WaitAsync(Limit.Unexpected));
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {PatientHost}\r\n\r\n");
        Assert.Equal("good", (await client.ReadResponseAsync()).Body);
        Assert.Equal(2, dyno.Connections);
    }

    /// <summary>Asks for what is good, for what is hostile, and again for what is good, on one connection as long as it lasts.</summary>
    private static async Task<(string? Verdict, int Requests)> AskAsync(SafetyRouter router, int number, int seed)
    {
        Socket? socket = null;
        var requests = 0;
        try
        {
            for (var i = 0; i < Round; i++)
            {
                var isHostile = i == 2;
                var target = isHostile ? $"/hostile-{seed}" : $"/good-{number}-{i}";
                var isHead = seed % 7 == i;
                if (socket is null)
                {
                    socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    socket.Bind(new IPEndPoint(HostileClient.AddressOf(number + 1), 0));
                    await socket.ConnectAsync(IPAddress.Loopback, router.Port);
                }

                await socket.SendAsync(Encoding.Latin1.GetBytes($"{(isHead ? "HEAD" : "GET")} {target} HTTP/1.1\r\nHost: {(isHostile ? HurriedHost : PatientHost)}\r\n\r\n"));
                requests++;
                var (bytes, responses, isClosed, fault) = await ReadAsync(socket, isHead);
                fault ??= Judge(bytes, responses, isHostile, isHead, target, seed);
                if (fault is not null)
                {
                    return ($"{fault}; in answer to {target} came: {Escaped.Bytes(bytes)}{(isClosed ? " (closed)" : "")}", requests);
                }

                if (isClosed || responses.Exists(response => response.Closes || response.Status == 101))
                {
                    socket.Dispose();
                    socket = null;
                }
            }

            return (null, requests);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private static string? Judge(byte[] bytes, List<StrictResponse> responses, bool isHostile, bool isHead, string target, int seed)
    {
        var text = Encoding.Latin1.GetString(bytes);
        if (responses.Count > 1)
        {
            return $"{responses.Count} responses";
        }

        if (isHostile)
        {
            return Regex.Matches(text, HostileAnswer.Marker + "0*([1-9][0-9]*)").Any(match => !seed.ToString(CultureInfo.InvariantCulture).StartsWith(match.Groups[1].Value, StringComparison.Ordinal)) ? "another's answer" : null;
        }

        return responses is [{ Status: 200, IsWhole: true } good] && good.Seen == target && (isHead || Encoding.Latin1.GetString(good.Body) == target) ? null : "not the good answer";
    }

    private static async Task<(byte[] Bytes, List<StrictResponse> Responses, bool IsClosed, string? Fault)> ReadAsync(Socket socket, bool isHead)
    {
        using var limit = new CancellationTokenSource(Limit.Unexpected);
        var received = new byte[64 * 1024];
        for (var length = 0; ;)
        {
            if (length == received.Length)
            {
                Array.Resize(ref received, length * 2);
            }

            int count;
            try
            {
                count = await socket.ReceiveAsync(received.AsMemory(length), limit.Token);
            }
            catch (SocketException)
            {
                count = 0;
            }
            catch (OperationCanceledException)
            {
                return (received[..length], [], false, "the router neither answers nor closes");
            }

            length += count;
            var responses = StrictResponse.ReadAll(received.AsSpan(0, length), _ => isHead, count == 0, out var fault);
            if (count == 0 || fault is not null || responses is [{ IsWhole: true }, ..])
            {
                // A head that is cut is a response that is visibly cut.
                return (received[..length], responses, count == 0, count == 0 && responses.Count == 0 ? null : fault);
            }
        }
    }
}
