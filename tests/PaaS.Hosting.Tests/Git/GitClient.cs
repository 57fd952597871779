using System.Diagnostics;

namespace PaaS.Hosting.Tests;

/// <summary>A user's own git with a working copy; nothing of this machine's configuration takes part.</summary>
internal sealed class GitClient : IDisposable
{
    private readonly string _home;
    private readonly List<Process> _processes = [];

    public GitClient(string home, string url)
    {
        _home = home;
        Tree = Path.Combine(home, "tree");
        Url = url;
        Directory.CreateDirectory(home);
        Git("init", "--quiet", "--initial-branch=main", Tree);
        In("remote", "add", "paas", url);
    }

    public string Tree { get; }

    public string Url { get; }

    public string Head => In("rev-parse", "HEAD");

    /// <summary>Writes a file and commits everything.</summary>
    public string Commit(string path = "Procfile", string content = "web: true\n")
    {
        var file = Path.Combine(Tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return CommitAll();
    }

    public string CommitAll()
    {
        In("add", "--all", "--force", ".");
        In("commit", "--quiet", "--allow-empty", "--message", "change");
        return Head;
    }

    /// <summary>Makes a tree of any names, which git add would not.</summary>
    public async Task<string> MakeTreeAsync(IEnumerable<string> entries)
    {
        var file = Path.Combine(Tree, ".git", "entries");
        await File.WriteAllTextAsync(file, string.Join('\n', entries) + "\n");
        return In("-c", "alias.make=!git mktree <.git/entries", "make");
    }

    /// <summary>Runs git in the working copy; it must succeed.</summary>
    public string In(params string[] arguments) => Git(["-C", Tree, .. arguments]);

    public Task<GitRun> PushAsync(params string[] arguments) => RunAsync(["-C", Tree, "push", .. arguments]);

    /// <summary>Starts git and lets the caller read what it says as it says it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = _home };
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = _home,
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_AUTHOR_NAME"] = "A",
            ["GIT_AUTHOR_EMAIL"] = "a@example.com",
            ["GIT_COMMITTER_NAME"] = "A",
            ["GIT_COMMITTER_EMAIL"] = "a@example.com",
        })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        _processes.Add(process);
        return process;
    }

    public async Task<GitRun> RunAsync(params string[] arguments)
    {
        var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(GitScene.Deadline);
        return new GitRun(process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }
    }

    private string Git(params string[] arguments)
    {
        var run = RunAsync(arguments).GetAwaiter().GetResult();
        return run.Status == 0 ? run.Output.Trim() : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {run.Error}");
    }
}

/// <summary>What a user's git said.</summary>
internal sealed record GitRun(int Status, string Output, string Error);
