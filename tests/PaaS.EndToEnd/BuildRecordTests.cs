using System.Net;
using System.Text.Json.Nodes;

namespace PaaS.EndToEnd;

/// <summary>What the real host keeps of real builds and slugs.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class BuildRecordTests(SharedHost shared)
{
    private const string Endless = """{"name":"slow","version":"1.0.0","scripts":{"build":"echo half way; sleep 1000","start":"node server.js"}}""";

    [Fact]
    public async Task A_host_that_is_killed_while_it_builds_knows_of_the_build_and_shows_what_it_had_printed()
    {
        await using var host = await RunningHost.StartNewAsync();
        using var client = new Client(host);
        var app = await client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(host, app, TinyApp.Web("good"));
        await repository.DeployAsync();
        await repository.CommitAsync("slow", ("package.json", Endless));
        var push = repository.PushAsync();
        var running = await PrintsAsync(client, app, "half way");
        var file = Directory.GetFiles(Path.Combine(host.Data, "builds"), $"{running["id"]}*", SearchOption.AllDirectories).Single();
        await Eventually.HoldsAsync("what it printed is on the disk", async () => (await File.ReadAllTextAsync(file)).Contains("half way", StringComparison.Ordinal));

        await host.KillAsync();
        Assert.NotEqual(0, (await push).Status);
        await host.StartAsync();
        using var again = new Client(host);

        var builds = (await again.GetAsync($"/apps/{app}/builds")).AsArray();
        Assert.Equal(["succeeded succeeded", "failed abandoned"], builds.Select(build => $"{build!["status"]} {build["state"]}"));
        Assert.Contains("half way", await OutputAsync(builds[1]!), StringComparison.Ordinal);
        Assert.Contains("Released v2", await OutputAsync(builds[0]!), StringComparison.Ordinal);
        await again.UpAsync(app, "web.1");
        Assert.Equal("good", (await again.AskAsync(app))["code"]!.GetValue<string>());
        await Eventually.NoneAsync("left of the build", () => Leftovers.BesidesDynos(host, 1));
    }

    [Fact]
    public async Task Whose_build_is_cancelled_is_told_so_and_nothing_of_it_is_left()
    {
        using var client = new Client(shared.Host);
        var app = await client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, [.. TinyApp.Web(), ("package.json", Endless)]);
        var push = repository.PushAsync();
        var build = await PrintsAsync(client, app, "half way");

        var cancelled = await client.DoAsync(HttpMethod.Delete, $"/apps/{app}/builds/{build["id"]}");

        Assert.Equal("cancelled", cancelled["state"]!.GetValue<string>());
        Assert.Empty(Directory.GetDirectories(Path.Combine(shared.Host.Work, "builds")));
        var told = await push;
        Assert.NotEqual(0, told.Status);
        Assert.Contains("The build was cancelled by user operator@localhost.", told.Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, await repository.RemoteMainAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await client.SendAsync(HttpMethod.Delete, $"/apps/{app}/builds/{build["id"]}")).Status);
    }

    [Fact]
    public async Task A_slug_of_which_one_byte_has_changed_is_R17_and_the_app_goes_on()
    {
        await using var host = await RunningHost.StartNewAsync();
        string app, slug;
        using (var client = new Client(host))
        {
            app = await client.CreateAppAsync();
            using var repository = await Repository.MakeAsync(host, app, TinyApp.Web("one"));
            await repository.DeployAsync();
            slug = (await client.GetAsync($"/apps/{app}/releases/2"))["slug"]!["id"]!.GetValue<string>();
            await repository.CommitAsync("two", TinyApp.Web("two"));
            await repository.DeployAsync();
        }

        await host.StopAsync();
        Flip(Directory.GetFiles(Path.Combine(host.Data, "slugs"), slug.Replace("-", string.Empty, StringComparison.Ordinal) + "*").Single());
        await host.StartAsync();
        using var again = new Client(host);
        await again.UpAsync(app, "web.1");

        var rollback = await again.DoAsync(HttpMethod.Post, $"/apps/{app}/releases", new { release = "v2" });
        await again.SettledAsync(app);

        var failed = await again.GetAsync($"/apps/{app}/releases/{rollback["id"]}");
        Assert.Equal("failed", failed["status"]!.GetValue<string>());
        Assert.Contains("Error R17 (Checksum error)", failed["failure_message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("Error R17 (Checksum error)", await again.LogAsync(app), StringComparison.Ordinal);
        Assert.Equal("two", (await again.AskAsync(app))["code"]!.GetValue<string>());
        await again.UpAsync(app, "web.1");
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    /// <summary>Waits until the newest build has printed this; gives the build.</summary>
    private static Task<JsonNode> PrintsAsync(Client client, string app, string text) => Eventually.GetAsync($"a build of {app} prints '{text}'", async () =>
        (await client.LogAsync(app)).Contains(text, StringComparison.Ordinal) ? (await client.GetAsync($"/apps/{app}/builds")).AsArray()[^1] : null);

    private static async Task<string> OutputAsync(JsonNode build)
    {
        using var anyone = new HttpClient();
        return await anyone.GetStringAsync(build["output_stream_url"]!.GetValue<string>());
    }
}
