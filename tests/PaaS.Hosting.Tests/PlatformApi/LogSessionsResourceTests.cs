using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class LogSessionsResourceTests : ApiScene
{
    private const string Path = "/apps/floating-dragon-42/log-sessions";
    private const string Time = "2026-11-20T15:00:00.000000+00:00";
    private LogStream _log = null!;

    [Fact]
    public async Task A_session_shows_the_newest_lines_and_ends_and_needs_no_token()
    {
        await CreateAsync();
        Write("one", "two", "three");

        var text = await ReadAsync(await OpenAsync("""{"lines": 2, "dyno": "web.1"}"""), events: false);
        var events = await ReadAsync(await OpenAsync("""{"lines": 2, "dyno": "web.1"}"""), events: true);

        Assert.Equal(("text/plain", $"{Time} app[web.1]: two\n{Time} app[web.1]: three\n"), text);
        var last = _log.LastNumber;
        Assert.Equal(("text/event-stream", $"id: {last - 1}\ndata: {Time} app[web.1]: two\n\nid: {last}\ndata: {Time} app[web.1]: three\n\n"), events);
    }

    [Theory]
    [InlineData("""{"dyno": "web.1"}""", "a")]
    [InlineData("""{"dyno": "web"}""", "a b")]
    [InlineData("""{"type": "web"}""", "a b")]
    [InlineData("""{"dyno": "router"}""", "c")]
    [InlineData("""{"source": "heroku"}""", "c")]
    [InlineData("""{"source": "app", "type": "worker"}""", "d")]
    [InlineData("""{"source": "heroku", "dyno": "web"}""", "")]
    [InlineData("""{"lines": 0}""", "")]
    public async Task A_session_shows_the_source_and_the_process_that_it_names(string body, string lines)
    {
        await CreateAsync();
        _log.Write(LogSource.App, "web.1", "a");
        _log.Write(LogSource.App, "web.2", "b");
        _log.Write(LogSource.Heroku, "router", "c");
        _log.Write(LogSource.App, "worker.1", "d");

        var (_, text) = await ReadAsync(await OpenAsync(body), events: false);

        Assert.Equal(lines, string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[^1])));
    }

    [Fact]
    public async Task The_api_says_in_the_log_who_did_what()
    {
        await Host.DeployAsync("floating-dragon-42");

        var (_, text) = await ReadAsync(await OpenAsync("""{"dyno": "api"}"""), events: false);

        Assert.Contains("app[api]: Initial release by user operator@localhost\n", text, StringComparison.Ordinal);
        Assert.Contains("app[api]: Release v2 created by user operator@localhost\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_follows_keeps_alive_and_ends_cleanly_with_the_host()
    {
        await CreateAsync();
        Write("one");
        using var tail = await TailAsync(await OpenAsync("""{"lines": 1, "tail": true, "dyno": "web.1"}"""));
        Assert.Equal($"data: {Time} app[web.1]: one", await tail.NextAsync("data"));

        Write("two");
        Assert.Equal($"data: {Time} app[web.1]: two", await tail.NextAsync("data"));

        await Eventually.IsTrueAsync(() => Host.Time.WaitingTimers > 0);
        Host.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(":", await tail.NextAsync(":"));
        Write("three\r");
        Assert.EndsWith("app[web.1]: three ", await tail.NextAsync("data"), StringComparison.Ordinal);

        await Host.RestartAsync();
        Assert.Null(await tail.NextAsync("data"));
    }

    [Fact]
    public async Task A_silent_tail_leaves_no_timers_behind()
    {
        await CreateAsync();
        using var tail = await TailAsync(await OpenAsync("""{"lines": 0, "tail": true, "dyno": "web.1"}"""));
        await Eventually.IsTrueAsync(() => Host.Time.WaitingTimers > 0);
        var waiting = Host.Time.WaitingTimers;

        for (var i = 0; i < 20; i++)
        {
            Write($"{i}");
            await tail.NextAsync("data");
            await Eventually.IsTrueAsync(() => Host.Time.WaitingTimers > 0);
        }

        Assert.InRange(Host.Time.WaitingTimers, 1, waiting);
    }

    [Fact]
    public async Task A_tail_ends_when_its_app_is_destroyed()
    {
        await CreateAsync();
        using var tail = await TailAsync(await OpenAsync("""{"lines": 0, "tail": true, "dyno": "web.1"}"""));

        await Api.DeleteAsync("/apps/floating-dragon-42");

        Assert.Null(await tail.NextAsync("data"));
    }

    [Fact]
    public async Task A_reader_who_comes_back_goes_on_behind_the_event_that_it_names()
    {
        await CreateAsync();
        Write("one", "two", "three", "four");
        var url = await OpenAsync("""{"lines": 1, "dyno": "web.1"}""");

        var (_, text) = await ReadAsync(url, events: true, lastEventId: $"{_log.LastNumber - 2}");
        var (_, ahead) = await ReadAsync(url, events: true, lastEventId: $"{_log.LastNumber + 1000}");
        var (_, garbage) = await ReadAsync(url, events: true, lastEventId: "-1");

        Assert.Equal($"id: {_log.LastNumber - 1}\ndata: {Time} app[web.1]: three\n\nid: {_log.LastNumber}\ndata: {Time} app[web.1]: four\n\n", text);
        Assert.Empty(ahead);
        Assert.Equal($"id: {_log.LastNumber}\ndata: {Time} app[web.1]: four\n\n", garbage);
    }

    [Fact]
    public async Task An_address_ends_when_nobody_has_used_it_for_six_minutes()
    {
        await CreateAsync();
        var url = await OpenAsync("{}");
        using var anonymous = new HttpClient();
        for (var i = 0; i < 3; i++)
        {
            Host.Time.Advance(TimeSpan.FromMinutes(5));
            Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync(url)).StatusCode);
        }

        Host.Time.Advance(TimeSpan.FromSeconds(361));

        using var client = new ApiClient(anonymous);
        (await client.GetAsync(url.ToString())).IsError(HttpStatusCode.NotFound, "not_found");
        (await client.GetAsync(new Uri(url, "/streams/" + new string('0', 64)).ToString())).IsError(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("""{"lines": -1}""", "lines")]
    [InlineData("""{"lines": 1501}""", "lines")]
    [InlineData("""{"source": "router"}""", "source")]
    public async Task A_session_that_cannot_be_is_refused(string body, string because)
    {
        await CreateAsync();

        Assert.Contains(because, (await Api.PostAsync(Path, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_keeps_no_text_of_any_length_and_needs_its_app()
    {
        await CreateAsync();

        (await Api.PostAsync(Path, $$"""{"dyno": "{{new string('x', 201)}}"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");
        (await Api.PostAsync("/apps/nobody-here-1/log-sessions", "{}")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    private async Task CreateAsync()
    {
        (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);
        _log = Platform.OpenLog(Platform.Operator, "floating-dragon-42").Value!;
    }

    private void Write(params string[] lines)
    {
        foreach (var line in lines)
        {
            _log.Write(LogSource.App, "web.1", line);
        }
    }

    private async Task<Uri> OpenAsync(string body) => new((await Api.PostAsync(Path, body)).Is(HttpStatusCode.Created)["logplex_url"]);

    private static async Task<(string? Type, string Text)> ReadAsync(Uri url, bool events, string? lastEventId = null)
    {
        using var client = new HttpClient();
        using var request = Request(url, events, lastEventId);
        using var response = await client.SendAsync(request).WaitAsync(Eventually.Deadline);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private static async Task<EventReader> TailAsync(Uri url)
    {
        var client = new HttpClient();
        using var request = Request(url, events: true, null);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Deadline);
        return new EventReader(client, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private static HttpRequestMessage Request(Uri url, bool events, string? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", events ? "text/event-stream" : "*/*");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return request;
    }

    private sealed class EventReader(HttpClient client, StreamReader reader) : IDisposable
    {
        /// <summary>The next line that begins so; null when the stream has ended cleanly.</summary>
        public async Task<string?> NextAsync(string prefix)
        {
            while (await reader.ReadLineAsync().WaitAsync(Eventually.Deadline) is { } line)
            {
                if (line.StartsWith(prefix, StringComparison.Ordinal))
                {
                    return line;
                }
            }

            return null;
        }

        public void Dispose()
        {
            reader.Dispose();
            client.Dispose();
        }
    }
}
