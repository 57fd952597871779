namespace PaaS.EndToEnd;

/// <summary>Repositories that want to read the host's files, to be taken for options, or to be taken for git's own.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class HostileRepositoryTests(SharedHost shared) : IDisposable
{
    private const string Lister = """
        const fs = require('fs');
        const read = path => { try { return fs.readFileSync(path, 'utf8'); } catch (e) { return e.code; } };
        require('http').createServer((request, response) => response.end(JSON.stringify({
          names: fs.readdirSync('.').sort(), token: read('token'), up: read('up/etc/hostname').trim(), directory: fs.lstatSync('passwd').isSymbolicLink()
        }))).listen(process.env.PORT);
        """;

    private readonly Client _client = new(shared.Host);

    private string Secret => Path.Combine(shared.Host.Data, "token");

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Links_out_of_the_app_lead_nowhere_and_names_that_look_like_options_are_names()
    {
        var app = await _client.CreateAppAsync();
        string[] odd = ["--upload-pack=touch pwned", "-rf", "--help", "$(touch pwned)", "; touch pwned", "a\nb", "*", "é"];
        using var repository = await Repository.MakeAsync(
            shared.Host, app, [("Procfile", "web: node server.js\n"), ("server.js", Lister), (".gitattributes", "* filter=evil diff=evil export-subst\n"), .. odd.Select(name => (name, "x"))]);
        File.CreateSymbolicLink(Path.Combine(repository.Tree, "token"), Secret);
        File.CreateSymbolicLink(Path.Combine(repository.Tree, "passwd"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(repository.Tree, "up"), "../../../../../../..");
        File.CreateSymbolicLink(Path.Combine(repository.Tree, ".profile.d"), "/etc/profile.d");
        await repository.CommitAsync("links");

        var push = await repository.PushAsync();

        Assert.True(push.Status == 0, push.Output);
        var answer = await _client.AskAsync(app);
        var names = answer["names"]!.AsArray().Select(static name => name!.GetValue<string>()).ToList();
        Assert.All(odd, name => Assert.Contains(name, names));
        Assert.DoesNotContain("pwned", names);
        Assert.Equal("ENOENT", answer["token"]!.GetValue<string>());
        Assert.NotEqual(await File.ReadAllTextAsync("/etc/hostname"), answer["up"]!.GetValue<string>());
        Assert.True(answer["directory"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("Procfile")]
    [InlineData("package.json")]
    [InlineData(".slugignore")]
    [InlineData(".buildpacks")]
    [InlineData("heroku.yml")]
    [InlineData("app.json")]
    [InlineData("requirements.txt")]
    [InlineData("system.properties")]
    [InlineData("static.json")]
    [InlineData("composer.json")]
    public async Task A_file_that_a_build_reads_does_not_show_a_file_of_the_hosts(string name)
    {
        var app = await _client.CreateAppAsync();
        var secret = (await File.ReadAllTextAsync(Secret)).Trim();
        using var repository = await Repository.MakeAsync(shared.Host, app, [.. TinyApp.Web().Where(file => file.Item1 != name)]);
        File.CreateSymbolicLink(Path.Combine(repository.Tree, name), Secret);
        await repository.CommitAsync("link");

        var push = await repository.PushAsync();

        Assert.DoesNotContain(secret, push.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, await _client.LogAsync(app), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData("git~1")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData(".g\u200cit")]
    public async Task A_tree_with_a_directory_that_could_pass_for_gits_own_is_refused(string name)
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await repository.PlantTreeAsync(name, "config", "[core]\n\tfsmonitor = touch pwned\n");

        var push = await repository.PushAsync();

        Assert.NotEqual(0, push.Status);
        Assert.Equal(string.Empty, await repository.RemoteMainAsync());
    }

    [Fact]
    public async Task A_branch_that_looks_like_an_option_deploys_nothing()
    {
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());

        var push = await repository.PushAsync("HEAD:refs/heads/--upload-pack=x");

        Assert.NotEqual(0, push.Status);
        Assert.Equal(string.Empty, await repository.RemoteMainAsync());
    }
}
