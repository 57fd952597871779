using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Buildpacks;

namespace PaaS.Properties;

/// <summary><c>.slugignore</c> against git, which knows the same patterns: neither removes a file that the other keeps.</summary>
public sealed class SlugIgnoreLaws : IDisposable
{
    private static readonly string[] Files =
    [
        "a", "b.js", "ab/a", "ab/b.js", "ab/log/x", "ab/log/a.js", "log/a", "log/b/c", "log/b.js", "c/a/b/log", "c/a/b.js", "c/ab/log/a", "c/log", "[a]", "x y/a", "c/#a", "deep/a/b/c/ab/log", "*a",
    ];

    private static readonly Gen<string> Names = Gen.Frequency(
        (6, Gen.Elements("a", "b", "c", "ab", "log", "b.js", "deep", "x y", "#a")),
        (6, Gen.Elements("*", "?", "??", "a*", "*a", "*b*", "*.js", "?b", "[ab]", "[!a]", "[^a]", "[a-c]", "[a-c]*", "l*g", "\\*a", "\\[a\\]", "[[]a]")),
        (3, Gen.Constant("**")));

    private static readonly Gen<string> Patterns =
        from names in Names.NonEmptyListOf().Where(static list => list.Count <= 4)
        from start in Gen.Elements(string.Empty, string.Empty, "/")
        from end in Gen.Elements(string.Empty, string.Empty, "/")
        select start + string.Join('/', names) + end;

    private readonly string _root = Directory.CreateTempSubdirectory("paas-ignore-").FullName;

    public SlugIgnoreLaws()
    {
        foreach (var file in Files)
        {
            var path = Path.Combine(_root, "tree", file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Empty);
        }

        Git("init", "--quiet");
    }

    private string Tree => Path.Combine(_root, "tree");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_git_would_ignore_is_removed_and_nothing_else() => Law.Holds(Patterns.NonEmptyListOf().Where(static list => list.Count <= 5), patterns =>
    {
        var text = string.Join('\n', patterns) + "\n";
        var ignore = Path.Combine(_root, "patterns");
        File.WriteAllText(ignore, text);
        var kept = Git("ls-files", "--others", "-z", $"--exclude-from={ignore}").Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToList();
        var ours = Files.Where(file => !IsRemoved(SlugIgnore.Parse(text), file)).Order(StringComparer.Ordinal).ToList();

        Assert.True(kept.SequenceEqual(ours), $"{text}git alone keeps: {string.Join(", ", kept.Except(ours))}; we alone keep: {string.Join(", ", ours.Except(kept))}");
        return true;
    });

    /// <summary>As a tree is pruned: what lies below a directory that matches goes with it.</summary>
    private static bool IsRemoved(SlugIgnore ignore, string file)
    {
        var names = file.Split('/');
        return Enumerable.Range(1, names.Length).Any(length => ignore.Matches(string.Join('/', names[..length]), isDirectory: length < names.Length));
    }

    private string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = Tree,
            RedirectStandardOutput = true,
            Environment = { ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CEILING_DIRECTORIES"] = _root },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
