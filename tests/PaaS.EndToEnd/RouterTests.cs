using System.Net;
using System.Text.RegularExpressions;

namespace PaaS.EndToEnd;

/// <summary>The router as the users of an app and its owner see it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class RouterTests(SharedHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task Each_request_leaves_one_line_in_the_apps_log_and_its_id_leads_to_what_the_router_did()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await repository.DeployAsync();
        var (status, body) = await _client.BrowseAsync(app, "/shop?q=a%20b");

        Assert.Equal(HttpStatusCode.OK, status);
        var line = await LineAsync(app, "path=\"/shop?q=a%20b\"");
        Assert.Matches(
            $@"heroku\[router\]: at=info method=GET path=""/shop\?q=a%20b"" host={app}\.localhost request_id=[0-9a-f-]+ fwd=""127\.0\.0\.1"" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes={body.Length} protocol=http1\.1 tls=false\r?$",
            line);
        var id = Regex.Match(line, "request_id=(?<id>[^ ]+)").Groups["id"].Value;
        var request = await _client.GetAsync($"/apps/{app}/requests/{id}");
        Assert.Equal(
            ("GET", "/shop?q=a%20b", 200, "web.1", "exact"),
            (request["method"]!.GetValue<string>(), request["path"]!.GetValue<string>(), request["status"]!.GetValue<int>(), request["dyno"]!.GetValue<string>(), request["host_match"]!.GetValue<string>()));
        Assert.Equal("web.1", Assert.Single(request["attempts"]!.AsArray())!["dyno"]!.GetValue<string>());

        var other = await _client.CreateAppAsync();
        var unknown = await _client.SendAsync(HttpMethod.Get, $"/apps/{other}/requests/{id}");
        Assert.Equal((HttpStatusCode.NotFound, "request"), (unknown.Status, unknown.Body!["resource"]!.GetValue<string>()));
        Assert.Contains("H81", (await _client.BrowseAsync(other)).Body, StringComparison.Ordinal);
        await LineAsync(other, "code=H81");
    }

    [Fact]
    public async Task Maintenance_and_settings_of_an_app_count_for_its_next_request_and_leave_its_dynos_alone()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await repository.DeployAsync();
        var life = (await _client.AskAsync(app))["life"]!.GetValue<string>();

        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}", new { maintenance = true });
        await Eventually.HoldsAsync("maintenance has begun", async () => (await _client.BrowseAsync(app)).Status == HttpStatusCode.ServiceUnavailable);
        Assert.Contains("maintenance", (await _client.BrowseAsync(app)).Body, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("at=info code=H80 desc=\"Maintenance mode\"", await LineAsync(app, "code=H80"), StringComparison.Ordinal);
        Assert.True((await _client.GetAsync($"/apps/{app}"))["maintenance"]!.GetValue<bool>());

        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}", new { maintenance = false });
        await Eventually.HoldsAsync("maintenance is over", async () => (await _client.BrowseAsync(app)).Status == HttpStatusCode.OK);
        Assert.Equal(life, (await _client.AskAsync(app))["life"]!.GetValue<string>());
        Assert.Contains("Maintenance mode disabled by user operator@localhost", await _client.LogAsync(app), StringComparison.Ordinal);

        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}/router-settings", new { hold = 60, max_in_flight_per_dyno = 1 });

        // Held while the app is scaled to zero, and served when somebody scales it up.
        await _client.ScaleAsync(app, ("web", 0));
        await Eventually.HoldsAsync("the dyno is gone", async () => (await _client.GetAsync($"/apps/{app}/dynos")).AsArray().Count == 0);
        var held = _client.BrowseAsync(app, "/held");
        await _client.ScaleAsync(app, ("web", 1));
        Assert.Equal(HttpStatusCode.OK, (await held).Status);

        // One slow request is as many as its one dyno may have.
        await Eventually.HoldsAsync("one is served and the others are too many", async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => _client.BrowseAsync(app, $"/slow/{n}")));
            return answers.Any(static answer => answer.Status == HttpStatusCode.OK) && answers.Any(static answer => answer.Body.Contains("H11", StringComparison.Ordinal));
        });
        await LineAsync(app, "code=H11");

        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}/router-settings", new { hold = (int?)null });
        await _client.ScaleAsync(app, ("web", 0));
        await Eventually.HoldsAsync("nothing is held", async () => (await _client.BrowseAsync(app)).Body.Contains("H14", StringComparison.Ordinal));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The app's line of the router with this text in it.</summary>
    private Task<string> LineAsync(string app, string text) => Eventually.GetAsync(
        $"a line with {text}", async () => (await _client.LogAsync(app)).Split('\n').FirstOrDefault(line => line.Contains("heroku[router]", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal)));
}
