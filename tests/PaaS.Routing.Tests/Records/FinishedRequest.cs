namespace PaaS.Routing.Tests;

/// <summary>What is known of requests at their end.</summary>
internal static class FinishedRequest
{
    public const string Id = "0123456789-0123456789";

    /// <summary>A clock whose stamps are no power of ten per second; it stands still.</summary>
    public static TimeProvider Clock { get; } = new StillClock();

    public static AppRoute Route(string name = "demo", params string[] hosts) =>
        new(AppId.New(), AppName.Parse(name), hosts is [] ? ["www.example.com"] : [.. hosts], WebState.Up, [.. SomeDynos.Of(3)], new LogStream());

    /// <summary>A request that web.1 answered with 200 after 12.9 ms, over a kept connection.</summary>
    public static RequestFacts Ordinary(AppRoute? route = null, string target = "/a?b=c", string host = "www.example.com", string id = Id, string more = "")
    {
        route ??= Route();
        var text = HeadText.Bytes($"GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        var head = HeadText.Request(HeadText.Text(text));
        var facts = new RequestFacts
        {
            Route = route,
            Dyno = route.Endpoints[0],
            Status = 200,
            BytesOut = 5,
            BytesIn = 7,
            StartedAt = 1_700_000_000_123,
            Began = Ticks(1000),
            Connected = Ticks(1002),
            RequestSent = Ticks(1003),
            FirstByte = Ticks(1010),
            Ended = Ticks(1014.9),
            Connecting = Ticks(2),
        };
        facts.Take(head, text, HeadText.Bytes(id), "127.0.0.1"u8);
        facts.Attempts.Add(new Attempt(route.Endpoints[0], 3, 0, Ticks(1000), Ticks(2), AttemptOutcome.Connected));
        return facts;
    }

    /// <summary>A request that failed before any dyno was looked for.</summary>
    public static RequestFacts Failed(RouterError error, AppRoute? route = null)
    {
        var facts = Ordinary(route);
        facts.Attempts.Clear();
        (facts.Error, facts.Status, facts.Dyno, facts.Connecting) = (error, error.Status, null, null);
        (facts.Connected, facts.RequestSent, facts.FirstByte) = (0, 0, 0);
        return facts;
    }

    public static long Ticks(double milliseconds) => (long)Math.Ceiling(milliseconds * Clock.TimestampFrequency / 1000);

    private sealed class StillClock : TimeProvider
    {
        public override long TimestampFrequency => 3_333_333;

        public override long GetTimestamp() => Ticks(1000);
    }
}
