using System.Diagnostics;
using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>A user's own git with a working copy; nothing of this machine's configuration takes part.</summary>
internal sealed class GitUser
{
    private readonly string _tree;
    private readonly string _home;

    public GitUser(string home)
    {
        (_home, _tree) = (home, Path.Combine(home, "tree"));
        Directory.CreateDirectory(home);
        Run(home, "init", "--quiet", "--initial-branch=main", _tree);
    }

    /// <summary>The working copy.</summary>
    public string Tree => _tree;

    /// <summary>Copies an app's files; what npm installed beside them is not one of them.</summary>
    public void CopyFrom(string app)
    {
        foreach (var file in Directory.EnumerateFiles(app, "*", SearchOption.AllDirectories).Where(static file => !file.Contains("node_modules", StringComparison.Ordinal)))
        {
            var target = Path.Combine(_tree, Path.GetRelativePath(app, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Commits everything.</summary>
    public void Commit()
    {
        Run(_tree, "add", "--all");
        Run(_tree, "commit", "--quiet", "--allow-empty", "--message", "change");
    }

    /// <summary>Writes files of a few hundred bytes in directories of fifty, and commits them.</summary>
    public void CommitFiles(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var directory = Path.Combine(_tree, string.Create(CultureInfo.InvariantCulture, $"lib{i / 50}"));
            Directory.CreateDirectory(directory);
            File.WriteAllText(
                Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"file{i}.js")),
                string.Concat(Enumerable.Range(0, 10).Select(_ => string.Create(CultureInfo.InvariantCulture, $"exports.value{random.Next()} = {random.Next()};\n"))));
        }

        Commit();
    }

    /// <summary>Pushes main; gives how long it took.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is git's.</exception>
    public TimeSpan Push(string url)
    {
        var watch = Stopwatch.StartNew();
        Run(_tree, "push", "--quiet", url, "main");
        return watch.Elapsed;
    }

    private void Run(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = directory };
        start.Environment.Clear();
        foreach (var (name, value) in new[]
        {
            ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", _home), ("LC_ALL", "C"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.com"), ("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.com"),
        })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"git {string.Join(' ', arguments)} in {directory}: {output.Result}{error}");
        }
    }
}
