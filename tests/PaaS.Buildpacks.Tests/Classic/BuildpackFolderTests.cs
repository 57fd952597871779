using System.Diagnostics;

namespace PaaS.Buildpacks.Tests;

/// <summary>Buildpacks from folders and repositories of the machine.</summary>
public sealed class BuildpackFolderTests
{
    private static TarBuilder App => new TarBuilder().File("Procfile", "web: serve\n");

    [Fact]
    public async Task Every_build_has_a_copy_of_its_own_with_the_digest_of_its_content()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var buildpack = scene.Buildpack("dirty", """[ -e used ] && echo USED; touch used; echo broken >bin/detect; ls -l lib; readlink lib/link""", files: [("lib/tool", "x")]);
        File.CreateSymbolicLink(Path.Combine(buildpack, "lib", "link"), "/etc/hostname");
        var before = Tree.Describe(buildpack);

        await scene.SucceedAsync(App, buildpack);
        await scene.SucceedAsync(App, $"file://{buildpack}");
        var first = Digests(scene);
        File.WriteAllText(Path.Combine(buildpack, "lib", "tool"), "y");
        await scene.SucceedAsync(App, buildpack);

        scene.AssertNotSaid("USED");
        scene.AssertSaid("/etc/hostname\n");
        Assert.Equal(before.Replace("tool OtherRead, GroupRead, UserRead, UserWrite x", "", StringComparison.Ordinal).Length, Tree.Describe(buildpack).Replace("tool OtherRead, GroupRead, UserRead, UserWrite y", "", StringComparison.Ordinal).Length);
        Assert.Equal(2, first.Count);
        Assert.Single(first.Distinct());
        Assert.Equal(2, Digests(scene).Distinct().Count());
    }

    [Fact]
    public async Task A_folder_outside_the_listed_directories_or_behind_a_link_is_refused_in_the_same_words()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var buildpack = scene.Buildpack("good");
        Directory.Move(buildpack, scene.Temp["elsewhere"]);
        File.CreateSymbolicLink(Path.Combine(scene.Root, "link"), scene.Temp["elsewhere"]);
        Directory.CreateDirectory(Path.Combine(scene.Root, "in"));
        File.CreateSymbolicLink(Path.Combine(scene.Root, "in", "link"), scene.Temp.Path);
        var reasons = new List<string>();

        foreach (var path in (string[])[scene.Temp["elsewhere"], scene.Root, scene.Root + "-more/x", $"{scene.Root}/link", $"{scene.Root}/in/link/elsewhere", $"{scene.Root}/missing", "/etc"])
        {
            reasons.Add((await scene.FailAsync(App, path)).Replace(path, "", StringComparison.Ordinal));
        }

        Assert.Contains("lists for buildpacks", Assert.Single(reasons.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_classic_buildpack_says_what_is_missing()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        Tree.Write(Path.Combine(scene.Root, "cnb"), ("buildpack.toml", ""), ("bin/build", ""), ("bin/detect", ""));
        Tree.Write(Path.Combine(scene.Root, "empty"), ("README", ""));
        Tree.Write(Path.Combine(scene.Root, "outside"), ("bin/detect", ""), ("bin/x", ""));
        File.CreateSymbolicLink(Path.Combine(scene.Root, "outside", "bin", "compile"), "/bin/true");

        Assert.Contains("Cloud Native Buildpack", await scene.FailAsync(App, Path.Combine(scene.Root, "cnb")), StringComparison.Ordinal);
        Assert.Contains("no bin/detect or no bin/compile", await scene.FailAsync(App, Path.Combine(scene.Root, "empty")), StringComparison.Ordinal);
        Assert.Contains("no bin/detect or no bin/compile", await scene.FailAsync(App, Path.Combine(scene.Root, "outside")), StringComparison.Ordinal);
        Assert.Contains("no git repository", await scene.FailAsync(App, $"{scene.Buildpack("plain")}#main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_gives_what_its_branch_tag_or_commit_holds()
    {
        await using var scene = await ClassicScene.OpenAsync();
        var buildpack = scene.Buildpack("versions", "echo version one");
        Git(buildpack, "init", "--quiet", "--initial-branch=main");
        var one = Commit(buildpack, "one");
        Git(buildpack, "tag", "-a", "-m", "one", "v1");
        scene.Buildpack("versions", "echo version two; [ ! -e uncommitted ] || echo UNCOMMITTED");
        Git(buildpack, "checkout", "--quiet", "-b", "feature/two");
        var two = Commit(buildpack, "two");
        scene.Buildpack("versions", "echo version three; [ ! -e uncommitted ] || echo UNCOMMITTED");
        var three = Commit(buildpack, "three");
        File.WriteAllText(Path.Combine(buildpack, "uncommitted"), "x");

        foreach (var (suffix, commit, version) in ((string, string, string)[])[("", three, "three"), ("#v1", one, "one"), ("#feature/two", three, "three"), ($"#{two}", two, "two"), ($"#{two[..8]}", two, "two")])
        {
            var before = scene.Output.Length;
            await scene.SucceedAsync(App, buildpack + suffix);
            Assert.Contains($"version {version}\n", scene.Output[before..], StringComparison.Ordinal);
            Assert.Contains(commit, scene.Output[before..], StringComparison.Ordinal);
        }

        scene.AssertNotSaid("UNCOMMITTED");
        Assert.Contains("'v9'", await scene.FailAsync(App, buildpack + "#v9"), StringComparison.Ordinal);
        Assert.Contains("could not fetch", await scene.FailAsync(App, $"{buildpack}#{new string('a', 40)}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hooks_filters_and_submodules_of_a_repository_do_nothing()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var buildpack = scene.Buildpack("hostile", "cat filtered; echo; ls -A sub | wc -l", files: [(".gitattributes", "* filter=evil\n"), ("filtered", "as committed"), (".gitmodules", "[submodule \"sub\"]\n\tpath = sub\n\turl = file:///etc\n\tupdate = !touch /tmp/x\n")]);
        Git(buildpack, "init", "--quiet");
        Git(buildpack, "update-index", "--add", "--cacheinfo", $"160000,{new string('a', 40)},sub");
        Directory.CreateDirectory(Path.Combine(buildpack, "sub"));
        Commit(buildpack, "one");
        var ran = scene.Temp["ran"];
        Tree.Write(Path.Combine(buildpack, ".git", "hooks"), ("post-checkout", $"#!/bin/sh\ntouch '{ran}'\n"), ("post-upload-pack", $"#!/bin/sh\ntouch '{ran}'\n"));
        foreach (var hook in Directory.GetFiles(Path.Combine(buildpack, ".git", "hooks")))
        {
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        }

        File.AppendAllText(Path.Combine(buildpack, ".git", "config"), $"[filter \"evil\"]\n\tsmudge = touch '{ran}'\n[core]\n\tfsmonitor = \"touch '{ran}'\"\n");

        await scene.SucceedAsync(App, buildpack);

        scene.AssertSaid("as committed\n0\n");
        Assert.False(File.Exists(ran));
    }

    private static List<string> Digests(ClassicScene scene) =>
        [.. System.Text.RegularExpressions.Regex.Matches(scene.Output, "sha256:[0-9a-f]{64}").Select(static m => m.Value)];

    private static string Commit(string directory, string message)
    {
        Git(directory, "add", "--all");
        Git(directory, "commit", "--quiet", "--message", message);
        return Git(directory, "rev-parse", "HEAD").Trim();
    }

    private static string Git(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", .. arguments]) { WorkingDirectory = directory, RedirectStandardOutput = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
