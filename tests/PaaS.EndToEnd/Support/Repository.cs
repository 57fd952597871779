namespace PaaS.EndToEnd;

/// <summary>A user's git repository, pushed with the real git. The token goes through an askpass program, never through an argument.</summary>
internal sealed class Repository : IDisposable
{
    private readonly RunningHost _host;
    private readonly Dictionary<string, string> _variables;

    private Repository(RunningHost host, string app)
    {
        _host = host;
        App = app;
        Root = Directory.CreateTempSubdirectory("paas-e2e-repo-").FullName;
        Tree = Path.Combine(Root, "tree");
        var askpass = Path.Combine(Root, "askpass");
        File.WriteAllText(askpass, $"#!/bin/sh\ncat '{Path.Combine(host.Data, "token")}'\n");
        File.SetUnixFileMode(askpass, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _variables = new Dictionary<string, string>
        {
            ["GIT_ASKPASS"] = askpass,
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_AUTHOR_NAME"] = "dev",
            ["GIT_AUTHOR_EMAIL"] = "dev@example.com",
            ["GIT_COMMITTER_NAME"] = "dev",
            ["GIT_COMMITTER_EMAIL"] = "dev@example.com",
        };
    }

    public string App { get; }

    public string Root { get; }

    public string Tree { get; }

    public static async Task<Repository> MakeAsync(RunningHost host, string app, params (string Path, string Content)[] files)
    {
        var repository = new Repository(host, app);
        Assert.Equal(0, (await repository.GitAsync("init", "--quiet", "-b", "main", repository.Tree)).Status);
        await repository.CommitAsync("first", files);
        return repository;
    }

    /// <summary>Writes files and commits everything; returns the commit.</summary>
    public async Task<string> CommitAsync(string message, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(Tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, content);
        }

        Assert.Equal(0, (await GitAsync("add", "--all")).Status);
        var commit = await GitAsync("commit", "--quiet", "--allow-empty", "-m", message);
        Assert.True(commit.Status == 0, commit.Output);
        return (await GitAsync("rev-parse", "HEAD")).Output.Trim();
    }

    public Task<Command> PushAsync(params string[] arguments) => GitAsync(["push", $"{Remote}", .. arguments.Length == 0 ? ["main"] : arguments]);

    /// <summary>Pushes main, which must succeed.</summary>
    public async Task DeployAsync()
    {
        var push = await PushAsync();
        Assert.True(push.Status == 0, push.Output);
    }

    /// <summary>The commit that the host's main is at; empty if there is none.</summary>
    public async Task<string> RemoteMainAsync()
    {
        var result = await GitAsync("ls-remote", "--quiet", Remote.ToString(), "refs/heads/main");
        Assert.True(result.Status == 0, result.Output);
        return result.Output.Split('\t')[0].Trim();
    }

    public Task<Command> GitAsync(params string[] arguments) =>
        Command.RunAsync("git", arguments, Directory.Exists(Tree) ? Tree : Root, _variables);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private Uri Remote => new UriBuilder(_host.ApiUrl) { UserName = "anybody", Path = $"/{App}.git" }.Uri;
}
