using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Core;
using PaaS.Routing;

namespace PaaS.Benchmarks;

/// <summary>
/// What parts of a router cost that are always on, each in a loop of its own: nanoseconds per small request. A loop has its code and data at hand; between system
/// calls a part costs somewhat more.
/// </summary>
internal static class RouterParts
{
    private const int Times = 100_000;
    private const int Passes = 20;

    private static readonly byte[] Request = "GET /small HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"u8.ToArray();
    private static readonly byte[] Response = "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: keep-alive\r\n\r\n"u8.ToArray();
    private static readonly byte[] Chunked = [.. Enumerable.Repeat<byte[]>([.. "400\r\n"u8, .. new byte[1024], .. "\r\n"u8], 10).SelectMany(static chunk => chunk), .. "0\r\n\r\n"u8];

    public static async Task<IReadOnlyList<(string Part, double Nanoseconds)>> MeasureAsync()
    {
        return
        [
            ("log line", WriteLine()),
            ("trace", NoteTrace()),
            ("deadlines", await MoveDeadlinesAsync()),
            ("both heads, read and written anew", RewriteHeads()),
            ("10 kB in chunks of 1 kB, read", ReadChunks()),
        ];
    }

    private static double WriteLine()
    {
        using var recorder = new RequestRecorder(new RouterOptions { TraceCapacity = 0 }, new RouterPolicies(), TimeProvider.System, NullLogger.Instance, null);
        var facts = Facts();
        return Best(() => recorder.Done(facts, default));
    }

    private static double NoteTrace()
    {
        var traces = new RequestTraces(new RouterOptions().TraceCapacity, TimeProvider.System);
        var facts = Facts();
        return Best(() => traces.Add(facts));
    }

    private static RequestFacts Facts()
    {
        var head = new RequestHead();
        if (head.Read(Request, HeadLimits.Default) != ReadResult.Done)
        {
            throw new InvalidOperationException("The request's head was not read.");
        }

        var now = Stopwatch.GetTimestamp();
        var dyno = new DynoEndpoint(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 3000));
        var facts = new RequestFacts
        {
            Route = new AppRoute(AppId.New(), AppName.Parse("example"), ["127.0.0.1"], WebState.Up, [dyno], new LogStream()),
            Dyno = dyno,
            Status = 200,
            BytesOut = 13,
            StartedAt = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            Connecting = 0,
            Began = now,
            Connected = now,
            RequestSent = now,
            FirstByte = now,
            Ended = now,
        };
        facts.Take(head, Request, "8f14e45f-ceea-467f-8f4e-1f6a7c3b2a10"u8, "127.0.0.1"u8);
        facts.Attempts.Add(new Attempt(dyno, 4, 0, now, 0, AttemptOutcome.Reused));
        return facts;
    }

    /// <summary>On a real loop, as one request has them: two of the client's connection, three of the exchange.</summary>
    private static async Task<double> MoveDeadlinesAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            return double.NaN;
        }

        using var router = new PaaSRouter(new RouteTable());
        await using var listener = await FastRouterListener.StartAsync(router, new IPEndPoint(IPAddress.Loopback, 0), new FastRouterListenerOptions { Loops = 1 });
        var options = router.Engine.Options;
        var result = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lane = listener.Loops[0];
        lane.Post(
            _ =>
            {
                var (client, exchange) = (new Deadline(lane), new Deadline(lane));
                result.SetResult(Best(() =>
                {
                    client.Clear();
                    exchange.Move(options.FirstByteTimeout);
                    exchange.Move(options.IdleTimeout);
                    exchange.Clear();
                    client.Move(options.ClientIdleTimeout);
                }));
                client.Clear();
            },
            null);
        return await result.Task;
    }

    private static double RewriteHeads()
    {
        var (request, response, output) = (new RequestHead(), new ResponseHead(), new ByteBuffer());
        return Best(() =>
        {
            request.Read(Request, HeadLimits.Default);
            request.WriteTo(output, Request, new RequestHeadFields
            {
                Peer = "127.0.0.1"u8,
                IsTls = false,
                Port = 8080,
                RequestId = "8f14e45f-ceea-467f-8f4e-1f6a7c3b2a10"u8,
                StartedAt = 1_795_290_000_000,
                Via = "1.1 paas-router"u8,
            });
            RequestHeadTail.Write(output, 0, 0, keepAlive: true, default);
            response.Read(Response, HeadLimits.Default);
            response.WriteTo(output, Response, new ResponseHeadFields { Via = "1.1 paas-router"u8, Date = default, Connection = ConnectionWord.None, Framing = response.Body });
            output.Clear();
        });
    }

    private static double ReadChunks()
    {
        var reader = new ChunkedReader(HeadLimits.Default);
        return Best(() =>
        {
            reader.Reset();
            ReadOnlySpan<byte> rest = Chunked;
            while (reader.Next(rest, out var taken, out _) == ChunkStep.Data)
            {
                rest = rest[taken..];
            }
        });
    }

    private static double Best(Action once)
    {
        var best = double.MaxValue;
        for (var pass = 0; pass < Passes; pass++)
        {
            var before = Cost.OfThisThread;
            for (var i = 0; i < Times; i++)
            {
                once();
            }

            best = Math.Min(best, (Cost.OfThisThread - before).TotalNanoseconds / Times);
        }

        return best;
    }

    private sealed class Deadline(Lane lane) : Timed
    {
        public void Move(TimeSpan time) => SetDue(lane, lane.Now + (long)(time.TotalSeconds * lane.Engine.Time.TimestampFrequency));

        public void Clear() => SetDue(lane, Never);

        public override void OnDue()
        {
        }
    }
}
