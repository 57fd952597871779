using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>A listener hears all routers of the process: alone, so that no other test's requests get spans.</summary>
[CollectionDefinition(nameof(RequestSpansTests), DisableParallelization = true)]
[Collection(nameof(RequestSpansTests))]
public sealed class RequestSpansTests : IDisposable
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;
    private readonly RequestRecorder _recorder = new(new RouterOptions(), new RouterPolicies(), FinishedRequest.Clock, NullLogger.Instance, null);

    public RequestSpansTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "PaaS.Routing",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _recorder.Dispose();
    }

    [Fact]
    public void A_span_hangs_below_the_clients_and_tells_the_request()
    {
        var span = Trace(FinishedRequest.Ordinary(host: "www.example.com:8080"), Parent);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString());
        Assert.Equal((ActivityKind.Server, "GET", ActivityStatusCode.Unset), (span.Kind, span.DisplayName, span.Status));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123).UtcDateTime, span.StartTimeUtc);
        Assert.Equal(14.9, span.Duration.TotalMilliseconds, 2);
        var tags = span.TagObjects.ToDictionary();
        Assert.Equal("GET", tags["http.request.method"]);
        Assert.Equal("/a", tags["url.path"]);
        Assert.Equal("http", tags["url.scheme"]);
        Assert.Equal("www.example.com", tags["server.address"]);
        Assert.Equal(200, tags["http.response.status_code"]);
        Assert.Equal("1.1", tags["network.protocol.version"]);
        Assert.Equal(("demo", "web.1", FinishedRequest.Id), (tags["paas.app"], tags["paas.dyno"], tags["paas.request_id"]));
        Assert.DoesNotContain("error.type", tags);
        Assert.DoesNotContain(tags.Values, value => value is string text && text.Contains("b=c", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_id_can_go_on_as_a_traceparent() =>
        Assert.Matches("^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$", Trace(FinishedRequest.Ordinary(), Parent).Id);

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("nonsense")]
    public void Without_a_parent_that_is_in_order_a_trace_begins(string parent)
    {
        var outer = new Activity("of the thread").Start();

        var span = Trace(FinishedRequest.Ordinary(), parent);

        Assert.Null(span.Parent);
        Assert.Equal(default, span.ParentSpanId);
        Assert.NotEqual(outer.TraceId, span.TraceId);
        Assert.Same(outer, Activity.Current);
        outer.Stop();
    }

    [Fact]
    public void Requests_that_overlap_on_one_thread_are_not_each_others_children()
    {
        var (first, second) = (FinishedRequest.Ordinary(), FinishedRequest.Ordinary());
        _recorder.Begun(first, default);
        _recorder.Begun(second, default);
        Assert.Null(Activity.Current);

        _recorder.Done(first, default);
        _recorder.Done(second, default);

        Assert.Null(Activity.Current);
        Assert.Equal(2, _ended.Count);
        Assert.All(_ended, span => Assert.Equal(default, span.ParentSpanId));
        Assert.NotEqual(_ended[0].TraceId, _ended[1].TraceId);
    }

    [Fact]
    public void A_failure_is_named_by_its_code_and_what_the_client_did_is_no_error()
    {
        var failed = Trace(FinishedRequest.Failed(RouterError.RequestTimeout), string.Empty);
        var left = Trace(FinishedRequest.Failed(RouterError.ClientInterrupted), string.Empty);

        Assert.Equal(("H12", ActivityStatusCode.Error, "Request timeout"), (failed.GetTagItem("error.type"), failed.Status, failed.StatusDescription));
        Assert.Equal(("H27", ActivityStatusCode.Unset), (left.GetTagItem("error.type"), left.Status));
    }

    [Fact]
    public void An_apps_own_500_is_an_error_too()
    {
        var facts = FinishedRequest.Ordinary();
        facts.Status = 500;

        var span = Trace(facts, string.Empty);

        Assert.Equal(("500", ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
    }

    private Activity Trace(RequestFacts facts, string parent)
    {
        _recorder.Begun(facts, HeadText.Bytes(parent));
        Assert.NotNull(facts.Activity);
        _recorder.Done(facts, default);
        return _ended[^1];
    }
}
