using System.Net;
using PaaS.Routing;

namespace PaaS.Hosting.Tests;

/// <summary>The resource over traces of the test's; what a router puts into them is the router's to test.</summary>
public sealed class RequestsResourceTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private readonly Traces _traces = new();
    private CoreScene _scene = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        _scene.Requests = _traces;
        await _scene.RestartAsync();
        _api = await _scene.OpenApiAsync();
        await _scene.Platform.CreateAppAsync(CoreScene.Operator, AppName.Parse(Name));
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task A_request_is_explained_from_its_host_to_its_code()
    {
        var app = _scene.Platform.FindApp(CoreScene.Operator, Name).Value!;
        _traces.All.Add(new RequestTrace
        {
            RequestId = "4f1d-0001",
            App = app.Id,
            AppName = app.Name,
            StartedAt = new DateTimeOffset(2026, 11, 20, 15, 0, 0, TimeSpan.Zero),
            Method = "GET",
            Target = "/slow?\"a\"=b",
            Host = $"{Name}.localhost",
            HostMatch = HostMatch.Exact,
            MatchedName = $"{Name}.localhost",
            Protocol = "http1.1",
            Dynos = ["web.1", "web.2"],
            Attempts =
            [
                new AttemptTrace("web.2", "127.0.0.1:20002", 2, 0, TimeSpan.FromMicroseconds(20), TimeSpan.FromMilliseconds(1.5), AttemptOutcome.Refused),
                new AttemptTrace("web.1", "127.0.0.1:20001", 1, 1, TimeSpan.FromMilliseconds(2), TimeSpan.FromTicks(12_345), AttemptOutcome.Connected),
            ],
            AttemptCount = 2,
            Dyno = "web.1",
            Connecting = TimeSpan.FromMilliseconds(2.7345),
            ConnectedAfter = TimeSpan.FromMilliseconds(3),
            SentAfter = TimeSpan.FromMilliseconds(4),
            Duration = TimeSpan.FromSeconds(30),
            BytesOut = 500,
            Status = 503,
            Code = "H12",
            Rule = "The dyno had the whole request and did not begin its response in time.",
        });

        var request = (await _api.GetAsync($"/apps/{Name}/requests/4f1d-0001")).Is(HttpStatusCode.OK);

        Assert.Equal(("4f1d-0001", Name, "/slow?\"a\"=b", "exact", "503", "H12"), (request["id"], request["app.name"], request["path"], request["host_match"], request["status"], request["code"]));
        Assert.Equal(
            """[{"dyno":"web.2","address":"127.0.0.1:20002","candidates":2,"left_out":0,"at_ms":0.02,"took_ms":1.5,"outcome":"refused"},{"dyno":"web.1","address":"127.0.0.1:20001","candidates":1,"left_out":1,"at_ms":2,"took_ms":1.234,"outcome":"connected"}]""",
            request.Json.GetProperty("attempts").GetRawText());
        Assert.Equal(("""["web.1","web.2"]""", "web.1", "4", "", "30000", "500", "False"), (request["dynos"], request["dyno"], request["sent_after_ms"], request["first_byte_after_ms"], request["duration_ms"], request["bytes_out"], request["upgraded"]));
        Assert.Equal("The dyno had the whole request and did not begin its response in time.", request["rule"]);
        Assert.NotEqual(0, request.Json.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task A_request_of_another_app_or_of_long_ago_is_not_found_and_the_message_says_why()
    {
        await _scene.Platform.CreateAppAsync(CoreScene.Operator, AppName.Parse("limitless-fjord-5604"));
        var other = _scene.Platform.FindApp(CoreScene.Operator, "limitless-fjord-5604").Value!;
        _traces.All.Add(new RequestTrace
        {
            RequestId = "theirs",
            App = other.Id,
            AppName = other.Name,
            StartedAt = DateTimeOffset.UnixEpoch,
            Method = "GET",
            Target = "/",
            Host = "limitless-fjord-5604.localhost",
            HostMatch = HostMatch.Exact,
            Protocol = "http1.1",
            Rule = "The dyno's response was relayed.",
        });

        (await _api.GetAsync("/apps/limitless-fjord-5604/requests/theirs")).Is(HttpStatusCode.OK);
        var message = (await _api.GetAsync($"/apps/{Name}/requests/theirs")).IsError(HttpStatusCode.NotFound, "not_found", "request");
        Assert.Equal($"Couldn't find that request of {Name}. Only the last 10,000 of all apps are kept, until the host ends, and each from its end on. Take the id from request_id= of a line in the app's log.", message);
        (await _api.GetAsync("/apps/nobody-here-1/requests/theirs")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    private sealed class Traces : IRequestTrace
    {
        public List<RequestTrace> All { get; } = [];

        public RequestTrace? Find(string requestId, AppId? app = null) => All.FindLast(trace => trace.RequestId == requestId && (app is null || trace.App == app));

        public IReadOnlyList<RequestTrace> Recent(int count, AppId? app = null) => [.. All.Where(trace => app is null || trace.App == app).Reverse().Take(count)];
    }
}
