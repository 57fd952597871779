using System.Globalization;

namespace PaaS.Routing.Tests;

[Collection(Alone.Name)]
public class RequestTracesTests
{
    private readonly RequestTraces _traces = new(100, FinishedRequest.Clock);

    [Fact]
    public void A_request_is_told_whole()
    {
        var route = FinishedRequest.Route();
        _traces.Add(FinishedRequest.Ordinary(route));

        var trace = _traces.Find(FinishedRequest.Id)!;

        Assert.Equal((route.App, route.Name, HostMatch.Exact, "www.example.com"), (trace.App, trace.AppName, trace.HostMatch, trace.MatchedName));
        Assert.Equal(("GET", "/a?b=c", "www.example.com", "http1.1", null), (trace.Method, trace.Target, trace.Host, trace.Protocol, trace.TlsVersion));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123), trace.StartedAt);
        Assert.Equal(["web.1", "web.2", "web.3"], trace.Dynos.AsEnumerable());
        Assert.Equal(("web.1", 200, null, 7, 5), (trace.Dyno, trace.Status, trace.Code, trace.BytesIn, trace.BytesOut));
        Assert.Equal((2, 3, 10, 14.9), (Ms(trace.ConnectedAfter), Ms(trace.SentAfter), Ms(trace.FirstByteAfter), Ms(trace.Duration)));
        Assert.Equal(
            [
                "www.example.com is a name of demo.",
                "After 0 ms drew web.1 (127.0.0.1:1) out of 3: connected in 2 ms.",
                "The whole request was with the dyno after 3 ms (7 bytes of body).",
                "The first byte of the response came after 10 ms.",
                "The dyno's response was relayed. Status 200, 5 bytes of body, all in 15 ms.",
            ],
            trace.Steps.AsEnumerable());
    }

    [Fact]
    public void Every_attempt_stands_there_with_what_became_of_it()
    {
        var facts = FinishedRequest.Failed(RouterError.ConnectRefused);
        facts.Waited = FinishedRequest.Ticks(1500);
        facts.Attempts.Add(new Attempt(facts.Route!.Endpoints[1], 3, 0, FinishedRequest.Ticks(1000), FinishedRequest.Ticks(1), AttemptOutcome.Refused));
        facts.Attempts.Add(new Attempt(facts.Route.Endpoints[2], 2, 1, FinishedRequest.Ticks(1001), FinishedRequest.Ticks(5000), AttemptOutcome.TimedOut));
        facts.Attempts.Add(new Attempt(facts.Route.Endpoints[0], 1, 2, FinishedRequest.Ticks(6001), 0, AttemptOutcome.Stale));
        _traces.Add(facts);

        var trace = _traces.Find(FinishedRequest.Id)!;

        Assert.Equal(3, trace.AttemptCount);
        Assert.Equal(
            [("web.2", 3, 0, AttemptOutcome.Refused), ("web.3", 2, 1, AttemptOutcome.TimedOut), ("web.1", 1, 2, AttemptOutcome.Stale)],
            trace.Attempts.Select(attempt => (attempt.Dyno, attempt.Candidates, attempt.LeftOut, attempt.Outcome)));
        Assert.Equal("Waited 1500 ms for a dyno that could be tried.", trace.Steps[1]);
        Assert.Equal("After 0 ms drew web.2 (127.0.0.1:2) out of 3: refused after 1 ms, quarantined.", trace.Steps[2]);
        Assert.Equal("After 1 ms drew web.3 (127.0.0.1:3) out of 2, 1 left out after a failed connect: no connection in 5000 ms, quarantined.", trace.Steps[3]);
        Assert.StartsWith("H21: Every dyno that was tried refused the connection; nothing had been sent to any. Status 503,", trace.Steps[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("www.example.com", HostMatch.Exact, "www.example.com")]
    [InlineData("WWW.Example.com.:80", HostMatch.Exact, "www.example.com")]
    [InlineData("a.b.example.com", HostMatch.Wildcard, "*.b.example.com")]
    [InlineData("a.c.example.com", HostMatch.Wildcard, "*.example.com")]
    [InlineData("elsewhere.test", HostMatch.Table, null)]
    public void The_name_that_matched_is_told(string host, HostMatch match, string? name)
    {
        _traces.Add(FinishedRequest.Ordinary(FinishedRequest.Route("demo", "*.example.com", "www.example.com", "*.b.example.com"), host: host));

        var trace = _traces.Find(FinishedRequest.Id)!;

        Assert.Equal((match, name), (trace.HostMatch, trace.MatchedName));
    }

    [Fact]
    public void Of_several_requests_with_one_id_the_newest_is_found_and_never_that_of_another_app()
    {
        var (mine, other) = (FinishedRequest.Route(), FinishedRequest.Route("other"));
        _traces.Add(FinishedRequest.Ordinary(mine, "/1"));
        _traces.Add(FinishedRequest.Ordinary(mine, "/2"));
        _traces.Add(FinishedRequest.Ordinary(other, "/3"));

        Assert.Equal("/3", _traces.Find(FinishedRequest.Id)!.Target);
        Assert.Equal("/2", _traces.Find(FinishedRequest.Id, mine.App)!.Target);
        Assert.Equal(["/2", "/1"], _traces.Recent(10, mine.App).Select(trace => trace.Target));
        Assert.Equal(["/3", "/2"], _traces.Recent(2).Select(trace => trace.Target));
        Assert.Null(_traces.Find(FinishedRequest.Id, AppId.New()));
        Assert.Null(_traces.Find("0123456789-012345678"));
    }

    [Fact]
    public void The_oldest_makes_room()
    {
        for (var i = 1; i <= 250; i++)
        {
            _traces.Add(FinishedRequest.Ordinary(id: Id(i)));
        }

        Assert.Null(_traces.Find(Id(150)));
        Assert.NotNull(_traces.Find(Id(151)));
        Assert.Equal(Enumerable.Range(151, 100).Reverse().Select(Id), _traces.Recent(1000).Select(trace => trace.RequestId));
    }

    [Fact]
    public void A_place_that_is_used_again_holds_nothing_of_the_request_before()
    {
        var traces = new RequestTraces(1, FinishedRequest.Clock);
        var long1 = FinishedRequest.Failed(RouterError.ConnectRefused);
        for (var i = 0; i < 40; i++)
        {
            long1.Attempts.Add(new Attempt(long1.Route!.Endpoints[i % 3], 3, 0, 0, 0, AttemptOutcome.Refused));
        }

        traces.Add(long1);
        Assert.Equal((16, 40), (traces.Recent(1)[0].Attempts.Length, traces.Recent(1)[0].AttemptCount));
        traces.Add(FinishedRequest.Ordinary(target: "/x"));
        Assert.Equal(("/x", 1, null, AttemptOutcome.Connected), (traces.Recent(1)[0].Target, traces.Recent(1)[0].AttemptCount, traces.Recent(1)[0].Code, traces.Recent(1)[0].Attempts.Single().Outcome));
        traces.Add(FinishedRequest.Failed(RouterError.AppCrashed));

        Assert.Null(Assert.Single(traces.Recent(5)).Dyno);
        Assert.Empty(traces.Recent(1)[0].Attempts);
    }

    [Fact]
    public void Ten_thousand_requests_take_what_the_documentation_says_however_large_they_are()
    {
        var route = FinishedRequest.Route();
        Assert.InRange(Memory(FinishedRequest.Ordinary(route)), 1, 6.5);

        var large = FinishedRequest.Ordinary(route, "/" + new string('x', 8000), new string('h', 250) + ".example.com", new string('1', 200));
        for (var i = 0; i < 50; i++)
        {
            large.Attempts.Add(new Attempt(route.Endpoints[0], 3, 0, 0, 0, AttemptOutcome.Refused));
        }

        Assert.InRange(Memory(large), 1, 25);

        static double Memory(RequestFacts facts)
        {
            var traces = new RequestTraces(10_000, FinishedRequest.Clock);
            for (var i = 0; i < 20; i++)
            {
                traces.Add(facts);
            }

            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < 20_000; i++)
            {
                traces.Add(facts);
            }

            var taken = (GC.GetTotalMemory(forceFullCollection: true) - before) / (1024.0 * 1024);
            var again = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                traces.Add(facts);
            }

            Assert.Equal(again, GC.GetAllocatedBytesForCurrentThread());
            return taken;
        }
    }

    [Fact]
    public void Long_texts_are_cut()
    {
        _traces.Add(FinishedRequest.Ordinary(target: "/" + new string('x', 600), host: new string('h', 250) + ".example.com"));

        var trace = _traces.Find(FinishedRequest.Id)!;

        Assert.Equal("/" + new string('x', 511), trace.Target);
        Assert.Equal(255, trace.Host.Length);
    }

    [Fact]
    public void A_router_that_keeps_none_finds_none()
    {
        var traces = new RequestTraces(0, FinishedRequest.Clock);

        traces.Add(FinishedRequest.Ordinary());

        Assert.Null(traces.Find(FinishedRequest.Id));
        Assert.Empty(traces.Recent(10));
    }

    [Fact]
    public async Task Traces_are_whole_while_lanes_write_them()
    {
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(() =>
        {
            // Each field tells the same number, so a trace that is a mixture would show.
            var requests = Enumerable.Range(0, 50).Select(i => Same((writer * 1000) + i)).ToArray();
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                _traces.Add(requests[i % requests.Length]);
            }
        })).ToArray();

        var seen = 0;
        for (var round = 0; round < 200 || seen < 5000; round++)
        {
            foreach (var trace in _traces.Recent(100))
            {
                var number = int.Parse(trace.RequestId.AsSpan(20), CultureInfo.InvariantCulture);
                Assert.Equal(($"/{number}", $"h{number}.example.com", number, number), (trace.Target, trace.Host, trace.Status, trace.BytesOut));
                Assert.Equal(trace.Dynos[number % 3], trace.Dyno);
                seen++;
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);

        static RequestFacts Same(int number)
        {
            var facts = FinishedRequest.Ordinary(target: $"/{number}", host: $"h{number}.example.com", id: new string('a', 20) + number.ToString(CultureInfo.InvariantCulture));
            (facts.Status, facts.BytesOut, facts.Dyno) = (number, number, facts.Route!.Endpoints[number % 3]);
            return facts;
        }
    }

    private static string Id(int number) => $"request-number-{number:00000}";

    private static double Ms(TimeSpan? time) => Math.Round(time!.Value.TotalMilliseconds, 2);
}
