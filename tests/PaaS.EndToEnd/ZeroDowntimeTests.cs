using System.Diagnostics;
using System.Net;
using PaaS.Testing;
using Xunit.Abstractions;

namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class ZeroDowntimeTests(SharedHost shared, ITestOutputHelper output) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task Deploys_config_changes_rollbacks_scaling_restarts_and_size_changes_fail_no_request()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, ProofApp.Files("deploy 0"));
        await repository.DeployAsync();
        await _client.UpAsync(app, "web.1");
        var changes = _client.ChangesOf(app, scaleTo: Size.Of(4, 10));
        var (deploys, configs, rollbacks) = (Size.Of(3, 50), Size.Of(2, 25), Size.Of(2, 25));

        var report = await Proof(app).RunAsync(async cancelled =>
        {
            for (var i = 1; i <= deploys; i++)
            {
                await repository.CommitAsync($"deploy {i}", ProofApp.Files($"deploy {i}"));
                await repository.DeployAsync();
                await changes.SettleAsync(cancelled);
                Assert.Equal($"deploy {i}", (await _client.AskAsync(app))["code"]!.GetValue<string>());
            }

            await changes.RunAsync([AppChange.Config], configs, output.WriteLine, cancelled);
            await changes.RunAsync([AppChange.Rollback], rollbacks, output.WriteLine, cancelled);
            await changes.RunAsync([AppChange.Scale, AppChange.Restart, AppChange.Size], Size.Of(1, 5), output.WriteLine, cancelled);
        });

        output.WriteLine(report.ToString());
        Assert.True(report.Holds, report.ToString());
        Assert.Equal(["GET", "upload", "slow", "WebSocket"], report.Counts.Select(static count => count.Kind));
        Assert.All(report.Counts, static count => Assert.True(count.Requests > 5, $"only {count.Requests} of {count.Kind}"));
        Assert.True(report.Echoes > 100, $"only {report.Echoes} messages came back");
        Assert.Equal((0, 0), (report.Closed, report.Cut));
    }

    [Fact]
    public async Task Dynos_that_are_cycled_every_few_seconds_fail_no_request()
    {
        await using var host = await RunningHost.StartNewAsync("--cycle-after", "2");
        using var client = new Client(host);
        var app = await client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(host, app, ProofApp.Files("deploy 0"));
        await repository.DeployAsync();
        await client.UpAsync(app, "web.1");
        await client.ScaleAsync(app, ("web", 2));
        await client.UpAsync(app, "web.1", "web.2");

        var seen = new HashSet<string>();
        var report = await Proof(host, app).RunAsync(async _ => await Eventually.HoldsAsync("each has been cycled several times", async () =>
        {
            seen.UnionWith((await client.GetAsync($"/apps/{app}/dynos")).AsArray().Select(static dyno => dyno!["id"]!.GetValue<string>()));
            return seen.Count >= Size.Of(8, 60);
        }));

        output.WriteLine(report.ToString());
        Assert.True(report.Holds, report.ToString());
        Assert.Equal((0, 0), (report.Closed, report.Cut));
        Assert.All(report.Counts, static count => Assert.True(count.Requests > 5, $"only {count.Requests} of {count.Kind}"));
    }

    [Fact]
    public async Task A_WebSocket_session_that_outlives_its_dyno_is_closed_at_the_end_of_the_drain_and_no_failure()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, ProofApp.Files("deploy 0"));
        await repository.DeployAsync();
        await _client.UpAsync(app, "web.1");

        var report = await Proof(app, TimeSpan.FromHours(1)).RunAsync(async _ =>
        {
            await Eventually.HoldsAsync("the load is on", async () => (await _client.LogAsync(app)).Contains("method=POST", StringComparison.Ordinal));
            await _client.DoAsync(HttpMethod.Delete, $"/apps/{app}/dynos");
            await Eventually.HoldsAsync("the router has ended the session", async () => (await _client.LogAsync(app)).Contains("code=H24", StringComparison.Ordinal));
            await Eventually.HoldsAsync("the old dyno has ended", async () => (await _client.LogAsync(app)).Contains("Process exited with status 0", StringComparison.Ordinal));
        });

        output.WriteLine(report.ToString());
        Assert.True(report.Holds, report.ToString());
        Assert.True(report.Closed + report.Cut > 0, report.ToString());
    }

    [Fact]
    public async Task The_command_proves_it_and_leaves_the_app_as_it_was()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, ProofApp.Files("one"));
        await repository.DeployAsync();
        await _client.SetAsync(app, new { GREETING = "hello" });
        await _client.UpAsync(app, "web.1");

        var proof = await ProveAsync(app, "--expect", "one", "--changes", "config,restart,rollback", "--slow-path", "/slow");

        Assert.True(proof.Status == 0, proof.Output);
        Assert.Contains("config 1/1", proof.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n0 failed of [\d,]+ requests in \d+ s\n", proof.Output);
        Assert.Equal("""{"GREETING":"hello"}""", (await _client.GetAsync($"/apps/{app}/config-vars")).ToJsonString());
        Assert.Equal(1, (await _client.GetAsync($"/apps/{app}/formation/web"))["quantity"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_command_counts_what_fails_by_its_cause_and_exits_1()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, ProofApp.Files("one"));
        await repository.DeployAsync();
        await _client.UpAsync(app, "web.1");

        var proving = ProveAsync(app, "--seconds", "6");
        await Eventually.HoldsAsync("the load is on", async () => (await _client.LogAsync(app)).Split("method=POST").Length > 10);
        await _client.ScaleAsync(app, ("web", 0));
        var proof = await proving;

        Assert.True(proof.Status == 1, proof.Output);
        Assert.Matches(@"FAILED GET, wrong status: [\d,]+; the first at .*answered with 503: .*H14", proof.Output);
        Assert.DoesNotContain("\n0 failed", proof.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_that_is_interrupted_before_its_changes_are_made_exits_1()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, ProofApp.Files("one"));
        await repository.DeployAsync();
        await _client.UpAsync(app, "web.1");
        string[] arguments = [RunningHost.Program, "prove", "zero-downtime", app, "--ready-file", Path.Combine(shared.Host.Root, "ready.json"), "--changes", "restart", "--rounds", "10000"];
        using var proving = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.StartsWith("restart 1/10000", await proving.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);

        await Command.RunAsync("kill", ["-TERM", $"{proving.Id}"]);
        var (said, complained) = (proving.StandardOutput.ReadToEndAsync(), proving.StandardError.ReadToEndAsync());
        await proving.WaitForExitAsync();

        Assert.Matches(@"\n0 failed of [\d,]+ requests", await said);
        Assert.Contains("Interrupted before all changes were made", await complained, StringComparison.Ordinal);
        Assert.Equal(1, proving.ExitCode);
    }

    [Fact]
    public async Task An_app_that_does_not_answer_is_said_before_anything_is_changed()
    {
        var app = await _client.CreateAppAsync();

        var proof = await ProveAsync(app, "--changes", "restart");

        Assert.Equal(1, proof.Status);
        Assert.Contains("Before anything was changed: GET / was answered with 503", proof.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", proof.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();

    private ZeroDowntimeProof Proof(string app, TimeSpan? session = null) => Proof(shared.Host, app, session);

    private static ZeroDowntimeProof Proof(RunningHost host, string app, TimeSpan? session = null) => new(new ZeroDowntimeOptions
    {
        Router = new IPEndPoint(IPAddress.Loopback, host.RouterPort),
        Host = $"{app}.localhost",
        Expect = "deploy ",
        SlowPath = "/slow",
        WebSocketSession = session ?? TimeSpan.FromMilliseconds(500),
    });

    private Task<Command> ProveAsync(string app, params string[] more) => Command.RunAsync(
        "dotnet", [RunningHost.Program, "prove", "zero-downtime", app, "--ready-file", Path.Combine(shared.Host.Root, "ready.json"), .. more]);
}
