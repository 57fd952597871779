namespace PaaS.Buildpacks.Tests;

/// <summary>Buildpacks that hang, flood, and leave things behind.</summary>
public sealed class ClassicMisconductTests
{
    private static TarBuilder App => new TarBuilder().File("Procfile", "web: serve\n");

    [Theory]
    [InlineData("detect")]
    [InlineData("compile")]
    [InlineData("release")]
    [InlineData("export")]
    public async Task A_script_that_hangs_ends_with_the_build_and_leaves_nothing(string hanging)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var marks = scene.Temp["marks"];
        Directory.CreateDirectory(marks);
        File.SetUnixFileMode(marks, File.GetUnixFileMode(marks) | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        var hang = $"trap '' TERM INT HUP; sleep 600 & touch {marks}/hangs; sleep 600; sleep 600";
        var buildpack = scene.Buildpack(
            "hang",
            detect: hanging == "detect" ? hang : "echo ok",
            compile: hanging == "compile" ? hang : hanging == "export" ? $"echo 'touch {marks}/hangs; sleep 600' >export" : null,
            release: hanging == "release" ? hang : null);
        using var cancel = new CancellationTokenSource();

        var build = scene.BuildAsync(App, null, cancel.Token, buildpack);
        await Wait.UntilAsync(() => File.Exists(Path.Combine(marks, "hangs")));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        scene.AssertNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_that_takes_too_long_is_ended_with_all_that_it_started(bool sandboxed)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed, static o => o with { Timeout = TimeSpan.FromSeconds(1.5) });

        var reason = await scene.FailAsync(App, scene.Buildpack("slow", "setsid sleep 600 & trap '' TERM; sleep 600"));

        Assert.Contains("timed out", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Daemons_hold_no_build_open_and_none_survives(bool sandboxed)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed);
        var buildpack = scene.Buildpack("daemon", """
            setsid sleep 601 &
            (setsid bash -c 'trap "" TERM HUP; (exec -a gradle-daemon sleep 602) & exec -a worker sleep 603' >/dev/null 2>&1 </dev/null &)
            nohup sleep 604 >/dev/null &
            echo left
            """);

        await scene.SucceedAsync(App, buildpack);

        scene.AssertSaid("left\n");
        Assert.Empty(Sleepers(scene));
    }

    [Fact]
    public async Task A_flood_is_cut_off_with_a_word_and_the_build_goes_on()
    {
        await using var scene = await ClassicScene.OpenAsync();
        var buildpack = scene.Buildpack("flood", "head -c 20000000 /dev/zero | tr '\\0' x; yes | head -c 400000; printf '\\xff\\xfe\\r\\033[31mred\\033[0m'; mkdir -p \"$1/done\"; touch \"$1/done/it\"");

        var app = await scene.SucceedAsync(App, buildpack);

        Assert.True(File.Exists(Path.Combine(app.Directory, "done", "it")));
        Assert.InRange(scene.Output.Length, 1 << 20, BuildOutput.MaxProgramBytes + 100_000);
    }

    [Fact]
    public async Task Nothing_of_the_machine_but_the_build_can_be_seen_or_written()
    {
        await using var scene = await ClassicScene.OpenAsync();
        File.WriteAllText(scene.Temp["secret"], "secret");
        var buildpack = scene.Buildpack("spy", $"""
            cat '{scene.Temp["secret"]}' && echo SAW
            ls '{scene.Root}' && echo SAW
            ls "$PWD/../.." "$1/.."
            touch "$PWD/../x" "$1/../../x" /usr/x && echo WROTE
            ls /proc | grep -c '^[0-9]'
            true
            """);

        await scene.SucceedAsync(App, buildpack);

        scene.AssertNotSaid("SAW\n");
        scene.AssertNotSaid("WROTE");
    }

    private static List<int> Sleepers(ClassicScene scene) => BuildRig.ProcessesOf(scene.Temp["builds"]).FindAll(static id => IsSleep(id));

    private static bool IsSleep(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/comm").Trim() == "sleep";
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_buildpack_that_removes_itself_fails_the_build_and_not_the_platform()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);

        // In a directory of its own, as in a tarball of GitHub: that one it can remove.
        var inner = scene.Buildpack("gone/inner", "here=$PWD; cd /; rm -rf \"$here\"", release: "echo");

        Assert.Contains("removed its own directory", await scene.FailAsync(App, Path.GetDirectoryName(inner)!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_script_says_to_a_terminal_is_read_in_time_in_proportion_to_it()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);

        // A reader that tried every way to part these would need hours.
        var reason = await scene.FailAsync(App, scene.Buildpack("long", "cat >export <<'END'\n{ printf '\\033['; head -c 250000 /dev/zero | tr '\\0' '!'; printf '\\nwhy\\n'; } >&2; exit 1\nEND"));

        Assert.Contains("why", reason, StringComparison.Ordinal);
    }
}
