namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class LocalDynoRuntimeTests
{
    [Fact]
    public async Task A_dyno_finds_its_environment()
    {
        await using var scene = new DynoScene();
        var spec = scene.Spec("env -0 | tr '\\0' '\\n' | LC_ALL=C sort", listens: true, new KeyValuePair<string, string?>("KEY", "a b'\"$HOME"));

        var (status, lines) = await scene.Run(spec);

        var home = Path.Combine(scene.Dynos, spec.Id.ToString("N"), "app");
        Assert.Equal(0, status);
        Assert.Equal(
            ["DYNO=web.1", $"HOME={home}", "KEY=a b'\"$HOME", "LANG=C.UTF-8", "MEMORY_AVAILABLE=512", "PATH=/usr/local/bin:/usr/bin:/bin", $"PWD={home}", "SHLVL=1", $"TMPDIR={Path.Combine(Path.GetDirectoryName(home)!, "tmp")}"],
            lines.Where(static line => !line.StartsWith("PAAS_PROCESS=", StringComparison.Ordinal) && !line.StartsWith("PORT=", StringComparison.Ordinal) && !line.StartsWith("_=", StringComparison.Ordinal) && !line.StartsWith("OLDPWD", StringComparison.Ordinal)));
        Assert.InRange(int.Parse(Assert.Single(lines, static line => line.StartsWith("PORT=", StringComparison.Ordinal))[5..], System.Globalization.CultureInfo.InvariantCulture), 20_000, 29_999);
    }

    [Fact]
    public async Task A_config_var_wins_over_a_default_but_not_over_what_the_dyno_is()
    {
        await using var scene = new DynoScene();
        var spec = scene.Spec("echo $LANG $TMPDIR ${PORT-none}; pwd; echo $HOME; cd; pwd; echo $DYNO", false, new("LANG", "de_DE"), new("TMPDIR", "/x"), new("HOME", "/root"));

        var (_, lines) = await scene.Run(spec);

        var home = Path.Combine(scene.Dynos, spec.Id.ToString("N"), "app");
        Assert.Equal(["de_DE /x none", home, home, home, "worker.1"], lines);
    }

    [Fact]
    public async Task Profile_scripts_run_by_name_then_the_profile_then_the_command()
    {
        await using var scene = new DynoScene();
        scene.Slug[".profile.d/b.sh"] = "echo b $KEY; export FROM_B=1; set -- changed";
        scene.Slug[".profile.d/a.sh"] = "echo a";
        scene.Slug[".profile.d/c.txt"] = "echo never";
        scene.Slug[".profile.d/odd $(id) name.sh"] = "echo odd";
        scene.Slug[".profile"] = "echo profile; PATH=$HOME/bin:$PATH";
        scene.Slug["bin/tool"] = "";

        var (status, lines) = await scene.Run(scene.Spec("echo \"command  $FROM_B\" ${PATH%%:*} && exit 9", false, new KeyValuePair<string, string?>("KEY", "k")));

        Assert.Equal(9, status);
        Assert.Equal(["a", "b k", "odd", "profile"], lines[..4]);
        Assert.StartsWith("command  1 /", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("/app/bin", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_in_a_directory_of_its_slug_is_at_home_there()
    {
        await using var scene = new DynoScene();
        scene.Slug["apps/web/.profile.d/a.sh"] = "echo profile";
        scene.Slug["apps/web/file"] = "own\n";
        scene.Slug["lib/file"] = "beside\n";
        var spec = scene.Spec("cat file ../../lib/file; pwd; cd; pwd; echo $HOME") with { AppDirectory = SourcePath.Parse("apps/web") };

        var (_, lines) = await scene.Run(spec);

        var home = Path.Combine(scene.Dynos, spec.Id.ToString("N"), "app/apps/web");
        Assert.Equal(["profile", "own", "beside", home, home, home], lines);
    }

    [Theory]
    [InlineData("exit 42", 42)]
    [InlineData("no-such-program --port 1", 127)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("true && false || exit 3", 3)]
    public async Task The_status_is_the_commands(string command, int expected)
    {
        await using var scene = new DynoScene();

        Assert.Equal(expected, (await scene.Run(scene.Spec(command))).Status);
    }

    [Fact]
    public async Task Each_dyno_has_a_copy_of_its_own_that_goes_with_it()
    {
        await using var scene = new DynoScene();
        scene.Slug["file"] = "slug\n";
        await using var first = await scene.Runtime.StartAsync(scene.Spec("echo changed > file; mkdir -p a/b; touch a/b/c $TMPDIR/x; chmod 0 a; ln -s / root; exec sleep 300"));
        var directory = Path.Combine(scene.Dynos, first.Spec.Id.ToString("N"));
        await RealProcesses.Until(() => Directory.Exists(Path.Combine(directory, "app", "root")), "the first has written");

        var second = await scene.Run(scene.Spec("cat file"));
        await first.DisposeAsync();
        await first.DisposeAsync();

        Assert.Equal(["slug"], second.Lines);
        Assert.False(Directory.Exists(directory));
        Assert.True(Directory.Exists("/usr/bin"));
    }

    [Fact]
    public async Task Another_apps_user_sees_nothing_of_it()
    {
        Assert.True(RealProcesses.IsRoot, "An app gets a user of its own only from a host that is root: run the tests as root.");

        await using var scene = new DynoScene();
        scene.Slug["secret"] = "secret";
        var victim = await scene.Start(scene.Spec("exec sleep 300", false, new KeyValuePair<string, string?>("KEY", "secret")));
        var directory = Path.Combine(scene.Dynos, victim.Spec.Id.ToString("N"));

        var (_, lines) = await scene.Run(scene.Spec($"cat {directory}/app/secret; ls {directory} {scene.Dynos} {directory}/tmp; cat /proc/[0-9]*/environ | grep -a secret; touch {directory}/x; id -u; exit 0") with { UserId = RealProcesses.StrangerId + 1 });

        Assert.Contains((RealProcesses.StrangerId + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), lines);
        Assert.DoesNotContain("secret", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("KEY=", StringComparison.Ordinal));
        Assert.Equal(3, lines.Count(static line => line.StartsWith("ls: ", StringComparison.Ordinal) && line.EndsWith("Permission denied", StringComparison.Ordinal)));
        Assert.Contains(lines, static line => line.StartsWith("touch: ", StringComparison.Ordinal) && line.EndsWith("Permission denied", StringComparison.Ordinal));
        Assert.Equal(["app", "tmp"], Directory.GetFileSystemEntries(directory).Select(static path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public async Task A_start_that_fails_leaves_neither_files_nor_its_port_taken()
    {
        await using var scene = new DynoScene(new Testing.ManualTimeProvider(), options => options with { LowestPort = 20_000, HighestPort = 20_000 + 50, Random = new Testing.ScriptedRandom(0) });
        scene.Slug["a/\0"] = "no such name";

        await Assert.ThrowsAsync<ArgumentException>(async () => await scene.Start(scene.Spec("true", listens: true)));

        Assert.Empty(Directory.GetDirectories(scene.Dynos));
        scene.Slug.Clear();
        await scene.Run(scene.Spec("true", listens: true));
    }

    [Fact]
    public async Task A_directory_that_the_apps_user_cannot_reach_is_named()
    {
        Assert.True(RealProcesses.IsRoot, "An app gets a user of its own only from a host that is root: run the tests as root.");

        await using var scene = new DynoScene();
        File.SetUnixFileMode(scene.Directory, (UnixFileMode)0b111_000_000);

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Spec("true")));

        Assert.Contains($"may not pass through {scene.Directory}.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(scene.Dynos));
    }

    [Fact]
    public async Task Without_bash_a_start_says_so()
    {
        await using var scene = new DynoScene(configure: static options => options with { BashPath = "/nowhere/bash" });

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Spec("true")));

        Assert.Contains("/nowhere/bash", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_an_earlier_host_are_swept()
    {
        await using var scene = new DynoScene();
        var left = Directory.CreateDirectory(Path.Combine(scene.Dynos, Guid.NewGuid().ToString("N"), "app", "node_modules"));
        var other = Directory.CreateDirectory(Path.Combine(scene.Dynos, "not-a-dyno"));

        await scene.Runtime.SweepAsync();

        Assert.False(left.Exists && Directory.Exists(left.FullName));
        Assert.True(Directory.Exists(other.FullName));
    }
}
