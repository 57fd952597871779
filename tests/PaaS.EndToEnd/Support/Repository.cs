using System.Reflection;
using System.Text;

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

    /// <summary>A copy of one of the sample apps.</summary>
    public static async Task<Repository> OfSampleAsync(RunningHost host, string app, string sample)
    {
        var samples = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Samples").Value!;
        var repository = new Repository(host, app);
        Assert.Equal(0, (await repository.GitAsync("init", "--quiet", "-b", "main", repository.Tree)).Status);

        // What git knows of it: a sample that was run by hand has its dependencies beside it.
        var apps = Path.Combine(Path.GetFullPath(samples), "apps");
        var files = await Command.RunAsync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", sample], apps);
        Assert.True(files.Status == 0, files.Output);
        foreach (var file in files.Output.Trim().Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var to = Path.Combine(repository.Tree, Path.GetRelativePath(sample, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(apps, file), to);
        }

        await repository.CommitAsync("first");
        return repository;
    }

    /// <summary>Adds a line to a file and commits it.</summary>
    public async Task ChangeAsync(string path)
    {
        await File.AppendAllTextAsync(Path.Combine(Tree, path), "\n");
        await CommitAsync($"change {path}");
    }

    /// <summary>Commits a tree that git's own commands would not make: beside what is there, a directory of any name with one file.</summary>
    public async Task PlantTreeAsync(string directory, string file, string content)
    {
        var blob = await ObjectAsync("blob", Encoding.UTF8.GetBytes(content));
        var inner = await ObjectAsync("tree", [.. Encoding.UTF8.GetBytes($"100644 {file}\0"), .. Convert.FromHexString(blob)]);
        var outer = await GitAsync("cat-file", "-p", "HEAD^{tree}");
        var entries = outer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split([' ', '\t'], 4))
            .Select(static part => (Mode: part[0], Name: part[3].TrimEnd('\r'), Id: part[2]))
            .Append((Mode: "40000", Name: directory, Id: inner))
            .OrderBy(static entry => entry.Mode == "40000" ? entry.Name + "/" : entry.Name, StringComparer.Ordinal);
        var tree = await ObjectAsync("tree", [.. entries.SelectMany(static entry => (byte[])[.. Encoding.UTF8.GetBytes($"{entry.Mode} {entry.Name}\0"), .. Convert.FromHexString(entry.Id)])]);
        var commit = await GitAsync("commit-tree", "-m", "planted", "-p", "HEAD", tree);
        Assert.True(commit.Status == 0, commit.Output);
        Assert.Equal(0, (await GitAsync("update-ref", "refs/heads/main", commit.Output.Trim())).Status);
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

    private async Task<string> ObjectAsync(string type, byte[] content)
    {
        var path = Path.Combine(Root, "object");
        await File.WriteAllBytesAsync(path, content);
        var made = await GitAsync("hash-object", "-t", type, "-w", "--literally", path);
        Assert.True(made.Status == 0, made.Output);
        return made.Output.Trim();
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private Uri Remote => new UriBuilder(_host.ApiUrl) { UserName = "anybody", Path = $"/{App}.git" }.Uri;
}
