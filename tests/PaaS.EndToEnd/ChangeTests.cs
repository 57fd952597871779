using System.Collections.Concurrent;
using System.Net;
using PaaS.Testing;

namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class ChangeTests(SharedHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task Config_change_deploy_rollback_restart_and_scaling_fail_no_request()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web("one"));
        await repository.DeployAsync();
        var slug = (await _client.GetAsync($"/apps/{app}/releases/2"))["slug"]!["id"]!.GetValue<string>();

        var proof = new ZeroDowntimeProof(new ZeroDowntimeOptions { Router = new IPEndPoint(IPAddress.Loopback, shared.Host.RouterPort), Host = $"{app}.localhost", SlowPath = "/slow" });
        var report = await proof.RunAsync(async cancelled =>
        {
            for (var round = 0; round < Size.Of(1, 10); round++)
            {
                await _client.SetAsync(app, new { GREETING = $"hello {round}" });
                Assert.Equal($"hello {round}", (await _client.AskAsync(app))["greeting"]!.GetValue<string>());
                await repository.CommitAsync("two", TinyApp.Web($"two {round}"));
                await repository.DeployAsync();
                await _client.ScaleAsync(app, ("web", 3));
                await _client.UpAsync(app, "web.1", "web.2", "web.3");
                await _client.ScaleAsync(app, ("web", 1));
                await _client.UpAsync(app, "web.1");
                await _client.ChangesOf(app).MakeAsync(AppChange.Restart, cancelled);
                await _client.DoAsync(HttpMethod.Post, $"/apps/{app}/releases", new { release = "2" });
                await _client.SettledAsync(app);
            }
        });

        Assert.True(report.Holds, report.ToString());
        Assert.True(report.Requests > 20, $"only {report.Requests} requests were sent");
        var config = await _client.GetAsync($"/apps/{app}/releases/3");
        Assert.Equal(slug, config["slug"]!["id"]!.GetValue<string>());
        var current = await _client.AskAsync(app);
        Assert.Equal(("one", null), (current["code"]!.GetValue<string>(), current["greeting"]?.GetValue<string>()));
        Assert.Equal("{}", (await _client.GetAsync($"/apps/{app}/config-vars")).ToJsonString());
    }

    [Fact]
    public async Task Three_web_dynos_share_the_requests_workers_run_beside_them_and_zero_is_H14()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await repository.DeployAsync();

        await _client.ScaleAsync(app, ("web", 3), ("worker", 2));
        await _client.UpAsync(app, "web.1", "web.2", "web.3", "worker.1", "worker.2");
        var answers = new ConcurrentDictionary<string, string>();
        await Eventually.HoldsAsync("all three answer", async () =>
        {
            var answer = await _client.AskAsync(app, "/log/hello");
            answers[answer["dyno"]!.GetValue<string>()] = answer["port"]!.GetValue<string>();
            return answers.Count == 3;
        });

        Assert.Equal(3, answers.Values.Distinct().Count());
        await Eventually.HoldsAsync("web.2's lines are in its log", async () => (await _client.LogAsync(app, dyno: "web.2")).Contains("app[web.2]: said hello", StringComparison.Ordinal));
        Assert.DoesNotContain("web.1", await _client.LogAsync(app, dyno: "web.2"), StringComparison.Ordinal);
        Assert.Contains("app[worker.2]: worker.2 works", await _client.LogAsync(app, dyno: "worker"), StringComparison.Ordinal);

        await _client.ScaleAsync(app, ("web", 0));
        await _client.UpAsync(app, "worker.1", "worker.2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _client.BrowseAsync(app)).Status);
        await Eventually.HoldsAsync("H14 is in its log", async () => (await _client.LogAsync(app)).Contains("at=error code=H14 desc=\"No web processes running\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_crashed_dyno_is_started_again()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Script(
            "const life = require('crypto').randomUUID(); require('http').createServer((q, s) => { s.end(life); if (q.url === '/die') setTimeout(() => process.exit(1), 50) }).listen(process.env.PORT)"));
        await repository.DeployAsync();
        var first = (await _client.BrowseAsync(app, "/die")).Body;

        await Eventually.HoldsAsync("another process answers", async () => await _client.BrowseAsync(app) is (HttpStatusCode.OK, var life) && life != first);

        Assert.Contains("heroku[web.1]: State changed from up to crashed", await _client.LogAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_archive_is_uploaded_and_built_and_its_output_is_read_to_the_end()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web("uploaded"));
        var archive = Path.Combine(repository.Root, "source.tgz");
        Assert.Equal(0, (await repository.GitAsync("archive", "--format=tar.gz", "-o", archive, "HEAD")).Status);
        var source = (await _client.DoAsync(HttpMethod.Post, $"/apps/{app}/sources"))["source_blob"]!;
        using var anyone = new HttpClient();
        using var upload = await anyone.PutAsync(source["put_url"]!.GetValue<string>(), new ByteArrayContent(await File.ReadAllBytesAsync(archive)));
        Assert.True(upload.IsSuccessStatusCode);

        var build = await _client.DoAsync(HttpMethod.Post, $"/apps/{app}/builds", new { source_blob = new { url = source["get_url"]!.GetValue<string>(), version = "v1.2.3" } });
        var output = await anyone.GetStringAsync(build["output_stream_url"]!.GetValue<string>());

        Assert.Contains("Released v2", output, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the build succeeded", async () => (await _client.GetAsync($"/apps/{app}/builds/{build["id"]}"))["status"]!.GetValue<string>() == "succeeded");
        Assert.Equal("uploaded", (await _client.AskAsync(app))["code"]!.GetValue<string>());
        Assert.Equal("Deploy v1.2.3", (await _client.GetAsync($"/apps/{app}/releases/2"))["description"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_log_is_followed_through_a_deploy()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await repository.DeployAsync();
        var session = await _client.DoAsync(HttpMethod.Post, $"/apps/{app}/log-sessions", new { lines = 10, tail = true });
        using var anyone = new HttpClient();
        await using var stream = await anyone.GetStreamAsync(session["logplex_url"]!.GetValue<string>());
        using var reader = new StreamReader(stream);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        await repository.CommitAsync("two", TinyApp.Web("two"));
        await repository.DeployAsync();

        string? line;
        do
        {
            line = await reader.ReadLineAsync(patience.Token);
        }
        while (line is not null && !line.Contains("app[api]: Release v3 created by user operator@localhost", StringComparison.Ordinal));

        Assert.NotNull(line);
    }

    public void Dispose() => _client.Dispose();
}
