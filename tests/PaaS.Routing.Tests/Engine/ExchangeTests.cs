using Microsoft.Extensions.Logging;

namespace PaaS.Routing.Tests;

/// <summary>What a request does in moments that are hard to come by over sockets.</summary>
public sealed class ExchangeTests
{
    private const string Head = "Host: app.example.com\r\nX-Request-Id: 0123456789-0123456789\r\n";

    [Fact]
    public void A_dyno_that_stops_reading_the_rest_of_a_request_has_its_time_for_the_first_byte_and_no_more()
    {
        var lane = ScriptedLane.New();
        var client = lane.Client($"POST / HTTP/1.1\r\n{Head}Content-Length: 100000\r\n\r\n" + new string('x', 100_000));
        var dyno = Assert.Single(lane.Dynos);
        dyno.Room = 1000;
        Connect(dyno);
        client.OfferAgain();

        // It takes a part, and nothing more; that there is more to come is not waited for without end.
        dyno.Take(1000);
        lane.After(31);
        Assert.Empty(lane.Lines());
        lane.After(31);

        Assert.Contains("at=error code=H12 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503 ", client.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_100_that_the_router_has_said_already_leaves_the_time_for_the_response_as_it_is()
    {
        var lane = ScriptedLane.New();
        var client = lane.Client($"POST / HTTP/1.1\r\n{Head}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
        var dyno = Assert.Single(lane.Dynos);
        Connect(dyno);
        client.OfferAgain();
        Assert.EndsWith("hello", dyno.Sent, StringComparison.Ordinal);

        dyno.Offer("HTTP/1.1 100 Continue\r\n\r\n");
        lane.After(31);

        Assert.Contains("code=H12 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.Single(Times(client, "HTTP/1.1 100 "));
    }

    [Fact]
    public void What_the_routers_own_machine_lacks_is_no_fault_of_a_dynos()
    {
        var lane = ScriptedLane.New();
        var client = lane.Client($"GET / HTTP/1.1\r\n{Head}\r\n");
        var dyno = Assert.Single(lane.Dynos);

        ((IDynoLinkHandler)dyno.Handler!).OnConnectFailed(ConnectFailure.Lack);

        Assert.Contains("code=H99 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503 ", client.Sent, StringComparison.Ordinal);

        // Not quarantined: the next request asks it at once.
        client.Offer($"GET / HTTP/1.1\r\n{Head}\r\n");
        Assert.Equal(2, lane.Dynos.Count);
    }

    [Fact]
    public void A_connection_on_which_the_body_of_a_HEAD_may_still_come_is_not_kept()
    {
        var lane = ScriptedLane.New();
        var client = lane.Client($"HEAD / HTTP/1.1\r\n{Head}\r\n");
        var dyno = Assert.Single(lane.Dynos);
        Connect(dyno);
        dyno.Offer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        client.Offer($"GET / HTTP/1.1\r\n{Head}\r\n");

        Assert.Equal(2, lane.Dynos.Count);
    }

    [Fact]
    public void A_client_that_leaves_while_its_body_waits_for_a_dyno_costs_no_dyno_any_work()
    {
        var lane = ScriptedLane.New();
        lane.Route(WebState.Starting);
        var client = lane.Client($"POST / HTTP/1.1\r\n{Head}Content-Length: 5\r\n\r\nhello");
        Assert.True(client.IsPaused);

        client.Handler!.OnEndAhead();
        lane.Route(WebState.Up);
        lane.RunPosted();

        Assert.Contains("code=H27 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.Empty(lane.Dynos);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void A_route_table_that_fails_when_a_wait_ends_costs_no_request_its_end()
    {
        var lane = ScriptedLane.New();
        lane.Routes.Cancelling = () => throw new InvalidOperationException("a fault of the test");
        lane.Route(WebState.Starting);
        var client = lane.Client($"GET / HTTP/1.1\r\n{Head}\r\n");

        client.Handler!.OnBroken();

        Assert.Contains("code=H27 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.True(lane.Engine.Waiting.TryEnter(lane.Routes.Route.App, max: 1));
    }

    [Fact]
    public void An_observer_that_fails_and_a_log_that_fails_cost_no_request_its_end()
    {
        var lane = ScriptedLane.New(policies: new RouterPolicies { Observer = new FailingObserver() }, logger: new OperatorLog { FailsAt = LogLevel.Error });
        lane.Route(WebState.Crashed);
        var client = lane.Client($"GET / HTTP/1.1\r\n{Head}\r\n");

        client.Offer($"GET / HTTP/1.1\r\n{Head}\r\n");

        Assert.Equal(2, Times(client, "HTTP/1.1 503 ").Count);
        Assert.Equal(2, lane.Lines().Count);
    }

    [Fact]
    public void A_request_that_waits_is_told_of_maintenance()
    {
        var lane = ScriptedLane.New();
        lane.Route(WebState.Starting);
        lane.Client($"GET / HTTP/1.1\r\n{Head}\r\n");

        lane.Route(WebState.Up, maintenance: true);
        lane.RunPosted();

        Assert.Contains("code=H80 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.Empty(lane.Dynos);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_says_100_is_decided_when_the_head_is_written(bool endToEnd)
    {
        var lane = ScriptedLane.New();
        lane.Route(WebState.Starting, new RouteSettings { EndToEndContinue = endToEnd });
        var client = lane.Client($"POST / HTTP/1.1\r\n{Head}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");

        lane.Route(WebState.Up, new RouteSettings { EndToEndContinue = !endToEnd });
        lane.RunPosted();
        var dyno = Assert.Single(lane.Dynos);
        Connect(dyno);

        Assert.Equal(endToEnd, dyno.Sent.Contains("Expect: 100-continue", StringComparison.Ordinal));
        Assert.Equal(endToEnd ? 0 : 1, Times(client, "HTTP/1.1 100 ").Count);
    }

    [Fact]
    public void A_request_that_ends_when_it_is_looked_at_again_leaves_its_machine_to_the_next()
    {
        var lane = ScriptedLane.New();
        lane.Route(WebState.Starting);
        lane.Client($"GET /first HTTP/1.1\r\n{Head}\r\n");

        // Another lane has the machine at once, and a kept connection for a request whose body is still to come: its head goes with that.
        var other = ScriptedLane.New();
        other.Idle = other.Kept(other.Dyno);
        lane.Returned = exchange =>
        {
            lane.Returned = null;
            var head = HeadText.Bytes($"PUT /second HTTP/1.1\r\n{Head}Content-Length: 5\r\n\r\n");
            exchange.Head.Reset();
            Assert.Equal(ReadResult.Done, exchange.Head.Read(head, HeadLimits.Default));
            var link = new ScriptedLink();
            exchange.Begin(other, new RequestHalf(other, link, new ClientInfo { Peer = "127.0.0.1"u8.ToArray(), Port = 80 }), new ClientInfo { Peer = "127.0.0.1"u8.ToArray(), Port = 80 }, head, "http1.1");
        };
        lane.Route(WebState.Crashed);
        lane.RunPosted();

        Assert.Contains("code=H10 ", Assert.Single(lane.Lines()), StringComparison.Ordinal);
        Assert.Null(lane.Returned);
        Assert.Empty(Assert.Single(other.Dynos).Sent);
    }

    [Theory]
    [InlineData("Accept: application/json\r\nHost: two.example.com\r\n", "application/json")]
    [InlineData("Host: two.example.com\r\nAccept: application/json\r\n", "text/html; charset=utf-8")]
    public void A_refusal_is_told_in_JSON_to_who_asked_for_it_before_what_is_refused(string lines, string type)
    {
        var client = ScriptedLane.New().Client($"GET / HTTP/1.1\r\n{Head}{lines}\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", client.Sent, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Type: {type}\r\n", client.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_sends_many_requests_ahead_lets_others_have_their_turn()
    {
        var lane = ScriptedLane.New();
        lane.Route(WebState.Crashed);

        var client = lane.Client(string.Concat(Enumerable.Repeat($"GET / HTTP/1.1\r\n{Head}\r\n", 100)));

        Assert.Equal(100, Times(client, "HTTP/1.1 503 ").Count);
        Assert.InRange(client.Offers, 3, 10);
    }

    [Fact]
    public void The_line_of_a_request_for_another_name_tells_who_asked()
    {
        var lane = ScriptedLane.New();

        lane.Client($"GET / HTTP/1.1\r\n{Head}User-Agent: curl/8.1\r\n\r\n", covers: host => host == "other.example.com");

        Assert.Matches("^at=error code=H31 .* status=421 .* agent=\"curl/8.1\"$", Assert.Single(lane.Lines()));
    }

    private static void Connect(ScriptedLink dyno) => ((IDynoLinkHandler)dyno.Handler!).OnConnected();

    private static List<string> Times(ScriptedLink link, string text) => [.. link.Sent.Split(text).Skip(1)];

    private sealed class FailingObserver : IRequestObserver
    {
        public void OnDone(in RequestView request, in RequestOutcome outcome) => throw new InvalidOperationException("a fault of the test");
    }
}
