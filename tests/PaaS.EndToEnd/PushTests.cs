using System.Net;

namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class PushTests(SharedHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task A_real_Nodejs_app_is_pushed_built_released_and_answers_and_a_second_push_says_that_nothing_changed()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.OfSampleAsync(shared.Host, app, "nodejs");

        var push = await repository.PushAsync();

        Assert.True(push.Status == 0, push.Output);
        Assert.Contains("remote: -----> Node.js app detected", push.Output, StringComparison.Ordinal);
        Assert.Contains("remote:        Procfile declares types -> web, worker", push.Output, StringComparison.Ordinal);
        Assert.Contains("remote:        Released v2", push.Output, StringComparison.Ordinal);
        Assert.Contains("Verifying deploy... done.", push.Output, StringComparison.Ordinal);
        Assert.Equal("web.1", (await _client.AskAsync(app, "/whoami"))["dyno"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await _client.BrowseAsync(app)).Status);

        var again = await repository.PushAsync();
        Assert.Equal(0, again.Status);
        Assert.Contains("Everything up-to-date", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_branch_is_refused_politely_and_pushing_it_to_main_deploys_it()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());

        var refused = await repository.PushAsync("main:feature");
        var accepted = await repository.PushAsync("main:master");

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("refs/heads/feature", refused.Output, StringComparison.Ordinal);
        Assert.Contains(":main", refused.Output, StringComparison.Ordinal);
        Assert.True(accepted.Status == 0, accepted.Output);
        Assert.Equal("one", (await _client.AskAsync(app))["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("never binds", "console.log('up to no good'); setInterval(() => {}, 1000)", "R10", "up to no good")]
    [InlineData("exits at once", "console.log('last words'); process.exit(3)", "status 3", "last words")]
    [InlineData("binds a wrong port", "console.log('odd'); require('http').createServer((q, s) => s.end()).listen(0)", "PORT", "odd")]
    public async Task A_release_that_does_not_get_ready_rejects_the_push_and_changes_nothing(string what, string script, string says, string lastLine)
    {
        Assert.NotEmpty(what);
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web("good"));
        await repository.DeployAsync();
        var main = await repository.RemoteMainAsync();
        await repository.CommitAsync("bad", TinyApp.Script(script));

        var push = await repository.PushAsync();

        Assert.NotEqual(0, push.Status);
        Assert.Contains("Push rejected", push.Output, StringComparison.Ordinal);
        Assert.Contains("pre-receive hook declined", push.Output, StringComparison.Ordinal);
        Assert.Contains(says, push.Output, StringComparison.Ordinal);
        Assert.Contains(lastLine, push.Output, StringComparison.Ordinal);
        Assert.Equal(main, await repository.RemoteMainAsync());
        Assert.Equal("good", (await _client.AskAsync(app))["code"]!.GetValue<string>());
        Assert.Equal(2, await _client.CurrentAsync(app));
        Assert.Equal("failed", (await _client.GetAsync($"/apps/{app}/releases/3"))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_build_that_fails_half_way_rejects_the_push_and_the_same_commit_can_be_pushed_again()
    {
        var app = await _client.CreateAppAsync();
        const string Failing = """{"name":"half","version":"1.0.0","scripts":{"build":"echo half way && exit 7","start":"node server.js"}}""";
        using var repository = await Repository.MakeAsync(shared.Host, app, [.. TinyApp.Web(), ("package.json", Failing)]);

        var push = await repository.PushAsync();
        var again = await repository.PushAsync();

        Assert.NotEqual(0, push.Status);
        Assert.Contains("half way", push.Output, StringComparison.Ordinal);
        Assert.Contains("Push rejected, failed to compile Node.js app", push.Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, await repository.RemoteMainAsync());
        Assert.Contains("half way", again.Output, StringComparison.Ordinal);
        Assert.Equal(1, await _client.CurrentAsync(app));
    }

    [Fact]
    public async Task Of_pushes_at_once_one_builds_one_waits_and_a_newer_one_supersedes_it()
    {
        var app = await _client.CreateAppAsync();
        const string Package = """{"name":"slow","version":"1.0.0","scripts":{"build":"echo building; while [ ! -e gate ]; do sleep 0.1; done","start":"node server.js"}}""";
        using var first = await Repository.MakeAsync(shared.Host, app, [.. TinyApp.Web("first"), ("package.json", Package)]);
        using var second = await CloneAsync(first, app);
        using var third = await CloneAsync(first, app);
        await second.CommitAsync("second", TinyApp.Web("second"));
        await third.CommitAsync("second", TinyApp.Web("second"));
        var newest = await third.CommitAsync("third", TinyApp.Web("third"));

        var one = first.PushAsync();
        await Eventually.HoldsAsync("the first push builds", async () => (await _client.LogAsync(app)).Contains("building", StringComparison.Ordinal));
        var two = second.PushAsync();
        await Eventually.HoldsAsync("the second push waits", async () => (await _client.GetAsync($"/apps/{app}/builds")).AsArray().Count == 2);
        var three = third.PushAsync();
        var superseded = await two;
        await Eventually.HoldsAsync("both others have been built", () => OpenGates() && one.IsCompleted && three.IsCompleted);

        Assert.NotEqual(0, superseded.Status);
        Assert.Contains($"superseded by {newest}", superseded.Output, StringComparison.Ordinal);
        Assert.True((await one).Status == 0, (await one).Output);
        Assert.True((await three).Status == 0, (await three).Output);
        Assert.Equal("third", (await _client.AskAsync(app))["code"]!.GetValue<string>());
        Assert.Equal(newest, await third.RemoteMainAsync());
    }

    /// <summary>A build sees nothing of the machine: the gate is in its own tree, which only the host's side finds.</summary>
    private bool OpenGates()
    {
        foreach (var tree in Directory.GetDirectories(Path.Combine(shared.Host.Work, "builds")).Select(static build => Path.Combine(build, "work", "app")).Where(Directory.Exists))
        {
            try
            {
                File.WriteAllText(Path.Combine(tree, "gate"), "open");
            }
            catch (DirectoryNotFoundException)
            {
                // The build has just ended.
            }
        }

        return true;
    }

    [Theory]
    [InlineData("neither", "No default language could be detected")]
    [InlineData("conflict", "Procfile")]
    public async Task A_tree_that_cannot_be_deployed_is_refused_with_the_reason(string kind, string says)
    {
        var app = await _client.CreateAppAsync();
        (string, string)[] files = kind == "neither"
            ? [("README.md", "nothing to run")]
            : [("Procfile", "<<<<<<< HEAD\nweb: node a.js\n=======\nweb: node b.js\n>>>>>>> branch\n"), ("a.js", "")];
        using var repository = await Repository.MakeAsync(shared.Host, app, files);

        var push = await repository.PushAsync();

        Assert.NotEqual(0, push.Status);
        Assert.Contains(says, push.Output, StringComparison.Ordinal);
        Assert.Contains(" !     Push failed", push.Output, StringComparison.Ordinal);
        Assert.Contains("Push rejected", push.Output, StringComparison.Ordinal);
        Assert.Equal(1, await _client.CurrentAsync(app));
    }

    [Fact]
    public async Task A_wrong_token_pushes_nothing()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        var askpass = Path.Combine(repository.Root, "wrong");
        await File.WriteAllTextAsync(askpass, "#!/bin/sh\necho a-wrong-token-of-good-length\n");
        File.SetUnixFileMode(askpass, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var push = await Command.RunAsync("git", ["push", $"{shared.Host.ApiUrl}{app}.git", "main"], repository.Tree, new Dictionary<string, string> { ["GIT_ASKPASS"] = askpass, ["GIT_TERMINAL_PROMPT"] = "0" });

        Assert.NotEqual(0, push.Status);
        Assert.Contains("Authentication failed", push.Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, await repository.RemoteMainAsync());
    }

    public void Dispose() => _client.Dispose();

    private async Task<Repository> CloneAsync(Repository original, string app)
    {
        var copy = await Repository.MakeAsync(shared.Host, app);
        await copy.GitAsync("fetch", "--quiet", original.Tree, "main");
        await copy.GitAsync("reset", "--quiet", "--hard", "FETCH_HEAD");
        return copy;
    }
}
