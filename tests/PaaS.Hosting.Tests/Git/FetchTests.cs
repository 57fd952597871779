namespace PaaS.Hosting.Tests;

public sealed class FetchTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public async Task A_clone_brings_what_was_pushed_in_every_version_of_the_protocol(string version)
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var commit = client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        var copy = Path.Combine(scene.Directory, "copy");

        var run = await client.RunAsync("-c", "protocol.version=" + version, "clone", "--quiet", scene.Url, copy);

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(commit, client.In("-C", copy, "rev-parse", "HEAD"));
    }

    [Fact]
    public async Task A_push_works_in_every_version_of_the_protocol()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        foreach (var version in (string[])["0", "1", "2"])
        {
            var commit = client.Commit(content: $"web: {version}\n");
            var run = await client.RunAsync("-C", client.Tree, "-c", "protocol.version=" + version, "push", "paas", "main");

            Assert.True(run.Status == 0, run.Error);
            Assert.Equal(commit, await scene.ReadMainAsync());
        }
    }

    [Fact]
    public async Task A_clone_of_an_app_that_was_never_pushed_to_is_empty()
    {
        await using var scene = await GitScene.StartAsync();

        var run = await scene.NewClient().RunAsync("clone", scene.Url, Path.Combine(scene.Directory, "copy"));

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains("empty repository", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_with_many_haves_comes_compressed_and_is_understood()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        var other = scene.NewClient();
        other.In("fetch", "--quiet", "paas");
        other.In("reset", "--quiet", "--hard", "paas/main");
        for (var i = 0; i < 60; i++)
        {
            other.In("commit", "--quiet", "--allow-empty", "-m", "own");
        }

        var commit = client.Commit(content: "web: 2\n");
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        other.In("-c", "protocol.version=0", "fetch", "--quiet", "paas");

        Assert.Equal(commit, other.In("rev-parse", "paas/main"));
    }
}
