using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing.Tests;

public sealed class RequestRecorderTests : IDisposable
{
    private readonly RecordingLogger _operator = new();
    private readonly AppRoute _route = FinishedRequest.Route();
    private readonly RequestRecorder _recorder;
    private readonly Observer _observer = new();

    public RequestRecorderTests() =>
        _recorder = new RequestRecorder(new RouterOptions(), new RouterPolicies { Observer = _observer }, FinishedRequest.Clock, _operator, null);

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void A_request_leaves_one_line_of_the_router_in_its_apps_log()
    {
        _recorder.Done(FinishedRequest.Ordinary(_route), default);

        var line = Assert.Single(Lines());
        Assert.Equal((LogSource.Heroku, "router"), (line.Source, line.Process));
        Assert.Equal(
            "at=info method=GET path=\"/a?b=c\" host=www.example.com request_id=0123456789-0123456789 fwd=\"127.0.0.1\" dyno=web.1 connect=2ms service=12ms status=200 bytes=5 protocol=http1.1 tls=false",
            line.Message);
    }

    [Fact]
    public void A_request_that_met_no_dyno_has_neither_connect_nor_service()
    {
        _recorder.Done(FinishedRequest.Failed(RouterError.NoWebProcesses, _route), default);

        Assert.Contains(" dyno= connect= service= status=503 ", Assert.Single(Lines()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30_000L)]
    [InlineData(1L)]
    [InlineData(400L * 24 * 3600 * 1000)]
    public void Whole_milliseconds_are_whole_whatever_the_clocks_frequency(long milliseconds)
    {
        var facts = FinishedRequest.Ordinary(_route);
        facts.Ended = facts.Connected + (milliseconds * FinishedRequest.Clock.TimestampFrequency / 1000) + (milliseconds * FinishedRequest.Clock.TimestampFrequency % 1000 == 0 ? 0 : 1);

        _recorder.Done(facts, default);

        Assert.Contains($" service={milliseconds}ms ", Assert.Single(Lines()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asks_a_connection_for_another_host_is_told_by_its_agent()
    {
        var facts = FinishedRequest.Failed(RouterError.Misdirected, _route);

        _recorder.Done(facts, "GET / HTTP/1.1\r\nHost: www.example.com\r\nuser-agent: curl/8.1 \"x\"\r\n"u8);

        Assert.EndsWith(" status=421 bytes=5 protocol=http1.1 tls=false agent=\"curl/8.1 \\\"x\\\"\"", Assert.Single(Lines()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_embedder_is_told_when_the_line_is_written()
    {
        var facts = FinishedRequest.Ordinary(_route);
        (facts.Error, facts.Status) = (RouterError.ServerInterrupted, 200);
        _observer.OnTold = () => Assert.Single(Lines());

        _recorder.Done(facts, "GET / HTTP/1.1\r\nX-Own: yes\r\n"u8);

        var (outcome, own) = Assert.Single(_observer.Told);
        Assert.Equal(new RequestOutcome("H18", 200, facts.Dyno, TimeSpan.FromMilliseconds(14.9), 5), outcome with { Duration = TimeSpan.FromMilliseconds(Math.Round(outcome.Duration.TotalMilliseconds, 2)) });
        Assert.Equal("yes", own);
    }

    [Fact]
    public void An_observer_that_fails_is_told_of_and_costs_nothing_else()
    {
        _observer.OnTold = () => throw new InvalidOperationException("broken");

        _recorder.Done(FinishedRequest.Ordinary(_route), default);
        _recorder.Done(FinishedRequest.Ordinary(_route), default);

        Assert.Equal(2, Lines().Count);
        Assert.NotNull(_recorder.Traces.Find(FinishedRequest.Id));
        Assert.All(_operator.Lines, line => Assert.Equal($"Error The router's IRequestObserver failed on request {FinishedRequest.Id}; the router went on without it", line));
    }

    [Fact]
    public void A_request_allocates_its_line_in_the_log_and_nothing_else()
    {
        using var recorder = new RequestRecorder(new RouterOptions { TraceCapacity = 10 }, new RouterPolicies(), FinishedRequest.Clock, NullLogger.Instance, null);
        var facts = FinishedRequest.Ordinary(_route);
        for (var i = 0; i < 3000; i++)
        {
            recorder.Done(facts, default);
        }

        const int Requests = 10_000;
        var line = Lines()[0].Text.Length;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Requests; i++)
        {
            recorder.Begun(facts, default);
            recorder.Done(facts, default);
        }

        // Lines stand in blocks of 16 KiB, of which the end stays empty.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests, line - 1, line * 1.03);
    }

    private List<LogLine> Lines() => [.. _route.Logs.TailAsync(new LogTail { Lines = 10 }).ToBlockingEnumerable()];

    private sealed class Observer : IRequestObserver
    {
        public Action? OnTold { get; set; }

        public List<(RequestOutcome Outcome, string? Own)> Told { get; } = [];

        public void OnDone(in RequestView request, in RequestOutcome outcome)
        {
            OnTold?.Invoke();
            Told.Add((outcome, request.TryGetHeader("x-own"u8, out var own) ? HeadText.Text(own) : null));
        }
    }
}
