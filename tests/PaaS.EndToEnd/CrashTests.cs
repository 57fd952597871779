namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class CrashTests
{
    [Fact]
    public async Task Whenever_the_host_is_killed_everything_acknowledged_is_there_again_and_no_dyno_runs_twice()
    {
        await using var host = await RunningHost.StartNewAsync();
        var client = new Client(host);
        var app = await client.CreateAppAsync("survivor");
        using var repository = await Repository.MakeAsync(host, app, Files("code 0"));
        await repository.DeployAsync();
        await client.ScaleAsync(app, ("worker", 1));
        var acknowledged = new Acknowledged { Code = "code 0", Releases = 2 };
        var random = new Random(20);

        for (var moment = 0; moment < Size.Of(6, 200); moment++)
        {
            var changing = ChangeAsync(client, repository, app, moment, random, acknowledged);
            await Task.WhenAny(changing, Timer(random.Next(20, 2000)));
            await host.KillAsync();
            await changing;
            await Eventually.HoldsAsync("its dynos, builds and one-offs have died with it", () => Processes.DynosOf(host).Count == 0);

            await host.StartAsync();
            client.Dispose();
            client = new Client(host);
            await client.SettledAsync(app);

            var config = await client.GetAsync($"/apps/{app}/config-vars");
            Assert.Contains(config["GREETING"]?.GetValue<string>(), acknowledged.Greetings);
            var releases = await client.ReleasesAsync(app);
            Assert.True(releases.Count >= acknowledged.Releases, $"{releases.Count} releases, {acknowledged.Releases} were acknowledged");
            Assert.Equal(Enumerable.Range(1, releases.Count), releases.Select(release => release!["version"]!.GetValue<int>()));

            var web = (await client.GetAsync($"/apps/{app}/formation/web"))["quantity"]!.GetValue<int>();
            Assert.Contains(web, acknowledged.Quantities);
            string[] expected = [.. Enumerable.Range(1, web).Select(n => $"web.{n}"), "worker.1"];
            await client.UpAsync(app, expected);
            await Eventually.HoldsAsync("each dyno runs once, and nothing else does", () => Processes.DynosOf(host).Order().SequenceEqual(expected.Order()));
            await Eventually.NoneAsync("left of what was killed", () => Leftovers.BesidesDynos(host, expected.Length));
            var answer = await client.AskAsync(app);
            Assert.Contains(answer["code"]!.GetValue<string>(), acknowledged.Codes);
            acknowledged.Settle(answer["code"]!.GetValue<string>(), config["GREETING"]?.GetValue<string>(), web, releases.Count);
            Assert.Equal(await repository.RemoteMainAsync(), await DeployedCommitAsync(client, repository, app));
        }

        client.Dispose();
        Assert.Equal(0, await host.StopAsync());
        Assert.Empty(Leftovers.Of(host));
    }

    [Fact]
    public async Task Of_a_destroyed_app_nothing_is_left_after_the_next_start()
    {
        await using var host = await RunningHost.StartNewAsync();
        using (var client = new Client(host))
        {
            var app = await client.CreateAppAsync();
            using var repository = await Repository.MakeAsync(host, app, TinyApp.Web());
            await repository.DeployAsync();
            await client.SetAsync(app, new { GREETING = "hello" });
            Assert.NotEmpty(Kept(host));

            await client.DoAsync(HttpMethod.Delete, $"/apps/{app}");
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, $"/apps/{app}")).Status);
        }

        await host.StopAsync();
        await host.StartAsync();

        Assert.Empty(Kept(host));
        Assert.Empty(Processes.DynosOf(host));
        await host.StopAsync();
        Assert.Empty(Leftovers.Of(host));

        static IEnumerable<string> Kept(RunningHost host) =>
            Directory.EnumerateFiles(Path.Combine(host.Data, "slugs"))
                .Concat(Directory.EnumerateFiles(Path.Combine(host.Data, "keys")))
                .Concat(Directory.EnumerateDirectories(Path.Combine(host.Data, "repositories"), "*.git"));
    }

    [Fact]
    public async Task A_second_host_on_the_same_data_ends_with_a_message_that_names_the_first()
    {
        await using var host = await RunningHost.StartNewAsync();

        var second = await Command.RunAsync("dotnet", [RunningHost.Program, "up", "--port", "0", "--router-port", "0", "--data", host.Data]);

        Assert.NotEqual(0, second.Status);
        Assert.Contains($"{host.Pid}", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    /// <summary>Makes every kind of change, in an order of chance, so that a kill hits now this and now that one.</summary>
    private static async Task ChangeAsync(Client client, Repository repository, string app, int moment, Random random, Acknowledged acknowledged)
    {
        Func<Task>[] changes = [SetAsync, RunAsync, ScaleAsync, PushAsync];
        random.Shuffle(changes);
        try
        {
            foreach (var change in changes)
            {
                await change();
            }
        }
        catch (HttpRequestException)
        {
            // The host was killed before it answered: either outcome is right.
        }

        async Task SetAsync()
        {
            acknowledged.Greetings.Add($"hello {moment}");
            await client.DoAsync(HttpMethod.Patch, $"/apps/{app}/config-vars", new { GREETING = $"hello {moment}" });
            acknowledged.Greetings.RemoveAll(greeting => greeting != $"hello {moment}");
            acknowledged.Releases++;
        }

        Task RunAsync() => client.DoAsync(HttpMethod.Post, $"/apps/{app}/dynos", new { command = "node worker.js", attach = false });

        async Task ScaleAsync()
        {
            var quantity = 1 + (moment % 3);
            acknowledged.Quantities.Add(quantity);
            await client.ScaleAsync(app, ("web", quantity));
            acknowledged.Quantities.RemoveAll(other => other != quantity);
        }

        async Task PushAsync()
        {
            await repository.CommitAsync($"{moment}", Files($"code {moment + 1}"));
            acknowledged.Codes.Add($"code {moment + 1}");
            if ((await repository.PushAsync()).Status == 0)
            {
                acknowledged.Codes.RemoveAll(code => code != $"code {moment + 1}");
                acknowledged.Releases++;
            }
        }
    }

    private static (string, string)[] Files(string code) => TinyApp.Web(code, "release: sleep 0.1");

    private static async Task<string> DeployedCommitAsync(Client client, Repository repository, string app)
    {
        var newest = (await client.ReleasesAsync(app)).Last(release => release!["status"]!.GetValue<string>() == "succeeded" && release["description"]!.GetValue<string>().StartsWith("Deploy ", StringComparison.Ordinal));
        return (await repository.GitAsync("rev-parse", newest!["description"]!.GetValue<string>()["Deploy ".Length..])).Output.Trim();
    }

    private static async Task Timer(int milliseconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        await timer.WaitForNextTickAsync();
    }

    /// <summary>What the host has said it did, and what it was asked without having answered.</summary>
    private sealed class Acknowledged
    {
        public int Releases { get; set; }

        public List<string?> Greetings { get; } = [null];

        public List<int> Quantities { get; } = [1];

        public List<string> Codes { get; private set; } = [];

        public required string Code
        {
            init => Codes = [value];
        }

        public void Settle(string code, string? greeting, int quantity, int releases)
        {
            Codes.Clear();
            Codes.Add(code);
            Greetings.Clear();
            Greetings.Add(greeting);
            Quantities.Clear();
            Quantities.Add(quantity);
            Releases = releases;
        }
    }
}
