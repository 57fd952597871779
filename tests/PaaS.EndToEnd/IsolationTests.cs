namespace PaaS.EndToEnd;

/// <summary>Tenants are strangers: what a build, a dyno and a one-off try, and do not get. docs/isolation.md has the same list.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class IsolationTests(SharedHost shared)
{
    private const string NeedsRoot = "A host that is not root gives tenants no user and no network of their own. Run this test as root.";
    private static readonly string[] s_places = ["build", "dyno", "one-off"];

    [Fact]
    public async Task From_inside_a_build_a_dyno_and_a_one_off_nothing_of_the_machine_or_of_a_neighbour_is_in_reach()
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        using var client = new Client(shared.Host);
        using var probe = new Probe(shared.Host, client);

        var report = await probe.RunAsync();

        Assert.DoesNotContain(Probe.Secret, report.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(shared.Host.Token, report.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("uid 0", report.Text, StringComparison.Ordinal);
        foreach (var place in s_places)
        {
            Assert.Contains($"{place} tried everything", report.Text, StringComparison.Ordinal);
            Assert.Empty(report.Got(place));
            Assert.Empty(IsolationTable.Read().Select(row => row.Attempt).Except(report.Denied(place)));
            AssertListed("sandbox", report, place);
        }
    }

    [Fact]
    public async Task Without_a_sandbox_exactly_that_is_in_reach_which_the_table_says()
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        await using var host = await RunningHost.StartNewAsync("--isolation", "none");
        using var client = new Client(host);
        using var probe = new Probe(host, client);

        var report = await probe.RunAsync();

        Assert.DoesNotContain(Probe.Secret, report.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Token, report.Text, StringComparison.Ordinal);
        foreach (var place in s_places)
        {
            AssertListed("plain", report, place);
        }
    }

    [Fact]
    public async Task What_runs_is_an_ordinary_user_for_the_machine_too_and_is_limited()
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        using var client = new Client(shared.Host);
        var app = await client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await client.SetAsync(app, new { MARK = app });
        await repository.DeployAsync();

        var dyno = Processes.All().First(process => process.Variable("MARK") == app && process.Variable("DYNO") == "web.1");

        Assert.True(dyno.UserId >= 65_536, $"its user is {dyno.UserId}");
        Assert.True(dyno.InnermostId < 100, "it has a process namespace of its own");
    }

    [Theory]
    [InlineData("fork bomb", "bash -c 'f() { f | f & }; f; sleep 1000'")]
    [InlineData("memory hog", "node -e 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 24, 1))'")]
    [InlineData("disk filler", "node -e 'const fs = require(\"fs\"); const fd = fs.openSync(\"/app/filler\", \"w\"); for (;;) fs.writeSync(fd, Buffer.alloc(1 << 20, 1))'")]
    [InlineData("hider", "bash -c 'trap \"\" TERM HUP INT; (setsid bash -c \"trap \\\"\\\" TERM; exec >/dev/null 2>&1; (sleep 1000 &) ; sleep 1000\" &) ; sleep 1000'")]
    public async Task A_dyno_that_runs_wild_is_contained_and_can_be_stopped(string kind, string command)
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        await using var host = await RunningHost.StartNewAsync("--stop-grace", "1");
        using var client = new Client(host);
        var (neighbour, app) = (await client.CreateAppAsync(), await client.CreateAppAsync());
        using var neighbours = await Repository.MakeAsync(host, neighbour, TinyApp.Web());
        await neighbours.DeployAsync();
        var before = (await client.AskAsync(neighbour))["life"]!.GetValue<string>();
        using var repository = await Repository.MakeAsync(host, app, ("Procfile", $"wild: {command}\nweb: node server.js\n"), ("server.js", "require('http').createServer((q, s) => s.end('calm')).listen(process.env.PORT)"));
        await repository.DeployAsync();

        await client.ScaleAsync(app, ("wild", 1));
        await Eventually.HoldsAsync($"the {kind} is under way, or over", async () =>
            kind is "fork bomb" or "hider" ? Processes.DynosOf(host).Count(name => name == "wild.1") > 1
            : (await client.LogAsync(app, dyno: "wild.1")).Contains("State changed from up to crashed", StringComparison.Ordinal));

        Assert.Equal("calm", (await client.BrowseAsync(app)).Body);
        Assert.Equal(before, (await client.AskAsync(neighbour))["life"]!.GetValue<string>());
        await client.ScaleAsync(app, ("wild", 0));
        await Eventually.HoldsAsync($"nothing of the {kind} is left", () => !Processes.DynosOf(host).Contains("wild.1"));
        var log = await client.LogAsync(app, dyno: "wild.1");
        if (kind == "memory hog")
        {
            Assert.Contains("Error R15 (Memory quota vastly exceeded)", log, StringComparison.Ordinal);
        }

        Assert.Equal(before, (await client.AskAsync(neighbour))["life"]!.GetValue<string>());
    }

    /// <summary>Every attempt has a row, and its column says yes where the attempt was stopped.</summary>
    private static void AssertListed(string launcher, ProbeReport report, string place)
    {
        var rows = IsolationTable.Read();
        var expected = rows.Where(row => launcher == "sandbox" ? !row.Sandbox : !row.Plain).Select(row => row.Attempt).Order(StringComparer.Ordinal);
        string[] tried = [.. report.Got(place), .. report.Denied(place)];
        Assert.Empty(tried.Except(rows.Select(row => row.Attempt)));
        Assert.Equal(expected.Intersect(tried), report.Got(place).Order(StringComparer.Ordinal));
    }
}
