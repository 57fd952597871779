using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

public sealed class ErrorAnswerTests : IDisposable
{
    private static readonly RoutePage Html = new("text/html", "<p>ours</p>"u8.ToArray());
    private static readonly RoutePage Json = new("application/problem+json; charset=utf-8", "{\"m\":1}"u8.ToArray());
    private readonly RecordingLogger _operator = new();
    private readonly RequestRecorder _recorder;

    public ErrorAnswerTests() => _recorder = Recorder();

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void The_routers_own_page_names_the_code_and_the_request()
    {
        var answer = _recorder.Answer(FinishedRequest.Failed(RouterError.RequestTimeout), RouterError.RequestTimeout, default);

        Assert.Equal((503, "text/html; charset=utf-8"), (answer.Status, answer.ContentType));
        Assert.Contains("<h1>Application error</h1>", Text(answer), StringComparison.Ordinal);
        Assert.Contains($"<small>H12 &middot; request {FinishedRequest.Id}</small>", Text(answer), StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", Text(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("H80", "Offline for maintenance")]
    [InlineData("H81", "Nothing here yet")]
    [InlineData("H26", "Bad request")]
    [InlineData("H31", "Misdirected request")]
    [InlineData("H99", "Application error")]
    public void Each_kind_of_error_has_its_title(string code, string title)
    {
        var error = Errors().First(error => error.Code == code && error.Status != 417);

        var answer = _recorder.Answer(FinishedRequest.Failed(error), error, default);

        Assert.Equal(error.Status, answer.Status);
        Assert.Contains($"<title>{title}</title>", Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asks_for_JSON_gets_it_for_every_code()
    {
        foreach (var error in Errors())
        {
            var answer = _recorder.Answer(AskingForJson(error), error, default);

            using var json = JsonDocument.Parse(answer.Body);
            Assert.Equal("application/json", answer.ContentType);
            Assert.Equal(error.Code, json.RootElement.GetProperty("id").GetString());
            Assert.Equal(error.Cause ?? error.Desc, json.RootElement.GetProperty("message").GetString());
            Assert.Equal(FinishedRequest.Id, json.RootElement.GetProperty("request_id").GetString());
        }
    }

    [Fact]
    public void An_apps_pages_stand_for_its_failures_and_its_maintenance()
    {
        var settings = new RouteSettings { ErrorPage = Html, MaintenancePage = Json };

        Assert.Same(Html.ContentType, Answer(RouterError.RequestTimeout, settings).ContentType);
        Assert.Same(Html.ContentType, Answer(RouterError.NoWebProcesses, settings).ContentType);
        Assert.Equal(502, Answer(RouterError.OversizedHeader, settings).Status);
        Assert.Equal("{\"m\":1}", Text(Answer(RouterError.Maintenance, settings)));
        Assert.Contains("Offline", Text(Answer(RouterError.Maintenance, settings with { MaintenancePage = null })), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_the_request_or_was_never_released_has_the_routers_page()
    {
        var settings = new RouteSettings { ErrorPage = Html, MaintenancePage = Html };

        foreach (var error in new[] { RouterError.BadChunk, RouterError.UnknownExpect, RouterError.Misdirected, RouterError.BlankApp })
        {
            Assert.DoesNotContain("ours", Text(Answer(error, settings)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_asks_for_JSON_gets_the_apps_page_only_if_it_is_JSON()
    {
        var settings = new RouteSettings { ErrorPage = Html, MaintenancePage = Json };
        var route = FinishedRequest.Route() with { Settings = settings };

        var html = _recorder.Answer(AskingForJson(RouterError.RequestTimeout, route), RouterError.RequestTimeout, default);
        var json = _recorder.Answer(AskingForJson(RouterError.Maintenance, route), RouterError.Maintenance, default);

        Assert.StartsWith("{\"id\":\"H12\"", Text(html), StringComparison.Ordinal);
        Assert.Equal(Json.ContentType, json.ContentType);
    }

    [Fact]
    public void The_embedders_page_comes_before_the_apps()
    {
        using var recorder = Recorder(new Pages(code => code == "H12" ? Json : null));
        var route = FinishedRequest.Route() with { Settings = new RouteSettings { ErrorPage = Html } };

        Assert.Equal("{\"m\":1}", Text(recorder.Answer(FinishedRequest.Failed(RouterError.RequestTimeout, route), RouterError.RequestTimeout, default)));
        Assert.Equal("<p>ours</p>", Text(recorder.Answer(FinishedRequest.Failed(RouterError.AppCrashed, route), RouterError.AppCrashed, default)));
    }

    [Fact]
    public void An_embedders_pages_that_fail_are_told_of_and_the_client_still_gets_an_answer()
    {
        using var recorder = Recorder(new Pages(_ => throw new InvalidOperationException("broken")));

        var answer = recorder.Answer(FinishedRequest.Failed(RouterError.RequestTimeout), RouterError.RequestTimeout, default);

        Assert.Contains("H12", Text(answer), StringComparison.Ordinal);
        Assert.StartsWith("Error The router's IErrorPages failed on request", Assert.Single(_operator.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_start_and_maintenance_say_when_to_come_back_and_only_if_configured()
    {
        using var recorder = Recorder(options: new RouterOptions { RetryAfter = TimeSpan.FromSeconds(9.5) });

        foreach (var error in Errors())
        {
            int? expected = error.Code is "H20" or "H80" ? 10 : null;
            Assert.Equal(expected, recorder.Answer(FinishedRequest.Failed(error), error, default).RetryAfter);
            Assert.Null(_recorder.Answer(FinishedRequest.Failed(error), error, default).RetryAfter);
        }
    }

    [Fact]
    public void A_host_of_no_app_is_404()
    {
        var html = _recorder.NoSuchApp("some-request-id-123456"u8, json: false);
        var json = _recorder.NoSuchApp("some-request-id-123456"u8, json: true);

        Assert.Equal((404, 404), (html.Status, json.Status));
        Assert.Contains("<h1>No such app</h1>", Text(html), StringComparison.Ordinal);
        Assert.Equal("{\"id\":\"no_such_app\",\"message\":\"No such app\",\"request_id\":\"some-request-id-123456\"}", Text(json));
    }

    [Fact]
    public void A_refusal_says_why_in_both_kinds()
    {
        var refusal = new RequestRefusal(400, "Transfer-Encoding is not one \"chunked\" <here>.");

        var html = _recorder.Refused(refusal, "some-request-id-123456"u8, json: false);
        using var json = JsonDocument.Parse(_recorder.Refused(refusal, "some-request-id-123456"u8, json: true).Body);

        Assert.Contains("<p>Transfer-Encoding is not one &quot;chunked&quot; &lt;here&gt;.</p>", Text(html), StringComparison.Ordinal);
        Assert.Equal(refusal.Reason, json.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void One_connection_too_many_is_503()
    {
        var answer = RequestRecorder.TooManyConnections();

        Assert.Equal(503, answer.Status);
        Assert.Contains("<small>H22 ", Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_could_break_the_head_or_is_too_large_is_no_page()
    {
        Assert.Throws<ArgumentException>(() => new RoutePage("text/html\r\nSet-Cookie: x=1", default));
        Assert.Throws<ArgumentException>(() => Html with { ContentType = "text/html\n" });
        Assert.Throws<ArgumentException>(() => new RoutePage(string.Empty, default));
        Assert.Throws<ArgumentException>(() => new RoutePage("text/html", new byte[RoutePage.MaxBytes + 1]));
    }

    private static string Text(ErrorAnswer answer) => Encoding.UTF8.GetString(answer.Body.Span);

    private static IEnumerable<RouterError> Errors() =>
        typeof(RouterError).GetProperties().Where(property => property.PropertyType == typeof(RouterError)).Select(property => (RouterError)property.GetValue(null)!);

    private static RequestFacts AskingForJson(RouterError error, AppRoute? route = null)
    {
        var facts = FinishedRequest.Failed(error, route);
        facts.AcceptsJson = true;
        return facts;
    }

    private ErrorAnswer Answer(RouterError error, RouteSettings settings) =>
        _recorder.Answer(FinishedRequest.Failed(error, FinishedRequest.Route() with { Settings = settings }), error, default);

    private RequestRecorder Recorder(IErrorPages? pages = null, RouterOptions? options = null) =>
        new(options ?? new RouterOptions(), new RouterPolicies { ErrorPages = pages }, FinishedRequest.Clock, _operator, null);

    private sealed class Pages(Func<string, RoutePage?> find) : IErrorPages
    {
        public RoutePage? Find(in RequestView request, string code, int status) => find(code);
    }
}
