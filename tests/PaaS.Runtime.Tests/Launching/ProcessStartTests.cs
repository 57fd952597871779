using System.Globalization;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class ProcessStartTests
{
    [Theory]
    [InlineData("exit 42", 42)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("exit 0", 0)]
    public async Task The_status_is_the_shells(string script, int status)
    {
        await using var scene = new LauncherScene();

        Assert.Equal(status, (await scene.Run(LauncherScene.Bash(script))).Status);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_ends_with_127_and_one_that_is_no_program_with_126()
    {
        await using var scene = new LauncherScene();

        var missing = await scene.Run(LauncherScene.Spec("no-such-program"));
        var noProgram = await scene.Run(LauncherScene.Spec("/etc/passwd"));

        Assert.Equal(127, missing.Status);
        Assert.Contains("no-such-program", missing.Output, StringComparison.Ordinal);
        Assert.Equal(126, noProgram.Status);
    }

    [Fact]
    public async Task The_process_has_its_own_session_three_descriptors_and_every_signals_default()
    {
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "60"));
        await Becomes(process, "sleep");

        var descriptors = Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Select(static path => Path.GetFileName(path)).Order();
        var status = Status(process.Id);

        Assert.Equal(["0", "1", "2"], descriptors);
        Assert.Equal(process.Id, ProcessStat.Read(process.Id)?.Session);
        Assert.Equal(0, Signals(status["SigBlk"]));
        Assert.Equal(0, Signals(status["SigIgn"]));
        Assert.Equal("0022", status["Umask"]);
        Assert.Equal([process.Id], process.ListProcesses());
    }

    [Fact]
    public async Task A_process_under_an_apps_user_is_that_user_outside_too_and_can_gain_nothing()
    {
        await using var scene = new LauncherScene();
        var spec = LauncherScene.Spec("/bin/sleep", "60") with { UserId = RealProcesses.StrangerId };
        if (!RealProcesses.IsRoot)
        {
            var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(spec));
            Assert.Contains("only root can change the user", refusal.Message, StringComparison.Ordinal);
            return;
        }

        await using var process = await scene.Start(spec);
        await Becomes(process, "sleep");

        var status = Status(process.Id);
        Assert.Equal("61234\t61234\t61234\t61234", status["Uid"]);
        Assert.Equal("61234\t61234\t61234\t61234", status["Gid"]);
        Assert.Equal("", status["Groups"].Trim());
        Assert.Equal("1", status["NoNewPrivs"]);
        Assert.Equal(0, long.Parse(status["CapEff"], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal(0, long.Parse(status["CapPrm"], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Roots_user_id_is_refused(int user)
    {
        await using var scene = new LauncherScene();

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(LauncherScene.Spec("/bin/true") with { UserId = user }));

        Assert.Contains("not an ordinary user's", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_in_its_working_directory()
    {
        await using var scene = new LauncherScene();
        var odd = Directory.CreateDirectory(Path.Combine(scene.Directory, "-odd \"na'me $(id)")).FullName;

        var (output, status) = await scene.Run(LauncherScene.Spec("/bin/pwd") with { WorkingDirectory = odd });

        Assert.Equal((odd + "\n", 0), (output, status));
    }

    [Fact]
    public async Task A_working_directory_it_may_not_enter_is_told()
    {
        await using var scene = new LauncherScene();
        var missing = await Assert.ThrowsAsync<ProcessStartException>(async () =>
            await scene.Start(LauncherScene.Spec("/bin/true") with { WorkingDirectory = Path.Combine(scene.Directory, "none") }));
        Assert.Contains("working directory", missing.Message, StringComparison.Ordinal);

        if (RealProcesses.IsRoot)
        {
            var locked = Directory.CreateDirectory(Path.Combine(scene.Directory, "locked"), UnixFileMode.UserRead).FullName;
            var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () =>
                await scene.Start(LauncherScene.Spec("/bin/true") with { WorkingDirectory = locked, UserId = RealProcesses.StrangerId }));
            Assert.Contains("can't cd to", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, scene.RecordCount);
    }

    [Fact]
    public async Task Output_and_error_are_merged_unless_apart_and_input_is_empty_unless_asked_for()
    {
        await using var scene = new LauncherScene();
        const string Script = "cat; echo out; echo err >&2; echo more >/dev/stdout";

        var merged = await scene.Run(LauncherScene.Bash(Script));
        await using var process = await scene.Start(LauncherScene.Bash(Script) with { SeparateError = true, RedirectInput = true });
        await process.Input.WriteAsync("in\n"u8.ToArray());
        await process.Input.DisposeAsync();

        Assert.Equal("out\nerr\nmore\n", merged.Output);
        Assert.Equal("in\nout\nmore\n", await LauncherScene.ReadAll(process.Output));
        Assert.Equal("err\n", await LauncherScene.ReadAll(process.Error));
        await using var plain = await scene.Start(LauncherScene.Spec("/bin/true"));
        Assert.Throws<InvalidOperationException>(() => plain.Input);
        Assert.Throws<InvalidOperationException>(() => plain.Error);
    }

    [Fact]
    public async Task Limits_are_applied_to_each_process_where_no_cgroup_does_it()
    {
        await using var scene = new LauncherScene(useCgroups: false);
        var limits = new ProcessLimits(OpenFiles: 100, Processes: RealProcesses.IsRoot ? 77 : null, FileSizeBytes: 4096, Niceness: 5);
        var spec = LauncherScene.Bash("ulimit -n; ulimit -u; ulimit -f; nice") with { Limits = limits, UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null };

        var before = Niceness();
        var lines = (await scene.Run(spec)).Output.Split('\n');
        var after = Niceness();

        Assert.Equal("100", lines[0]);
        Assert.Equal("4", lines[2]);

        // It adds to the host's own, which somebody may change meanwhile.
        Assert.Contains(int.Parse(lines[3], CultureInfo.InvariantCulture), new[] { Math.Min(19, before + 5), Math.Min(19, after + 5) });
        if (RealProcesses.IsRoot)
        {
            Assert.Equal("77", lines[1]);
        }
    }

    [Fact]
    public async Task What_it_cannot_do_is_refused()
    {
        await using var scene = new LauncherScene();
        ProcessSpec[] specs =
        [
            LauncherScene.Spec(),
            LauncherScene.Spec(""),
            LauncherScene.Spec("-c"),
            LauncherScene.Spec("/bin/echo", "a\0b"),
            LauncherScene.Spec("/bin/true") with { WorkingDirectory = "relative" },
            LauncherScene.Spec("/bin/true") with { Mounts = [new ProcessMount("/tmp", "/app")] },
            LauncherScene.Spec("/bin/true") with { Limits = new ProcessLimits(Niceness: -5) },
        ];

        foreach (var spec in specs)
        {
            await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(spec));
        }
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing()
    {
        await using var scene = new LauncherScene();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await scene.Launcher.StartAsync(LauncherScene.Spec("/bin/sleep", "60"), cancelled.Token));
        for (var i = 0; i < 20; i++)
        {
            using var soon = new CancellationTokenSource();
            var start = scene.Launcher.StartAsync(LauncherScene.Spec("/bin/sleep", "60"), soon.Token).AsTask();
            await soon.CancelAsync();
            try
            {
                await (await start).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // Either is right: it came before or after.
            }
        }

        Assert.Equal(0, scene.RecordCount);
    }

    private static int Niceness() => int.Parse(File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture);

    private static Task Becomes(ProcessHandle process, string program) =>
        RealProcesses.Until(() => File.ReadAllText($"/proc/{process.Id}/comm").Trim() == program, $"the process becomes {program}");

    /// <summary>The set without 32 and 33, which the C library keeps for itself and ignores in every child it spawns.</summary>
    private static long Signals(string mask) => long.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~0x1_8000_0000;

    private static Dictionary<string, string> Status(int pid) =>
        File.ReadAllLines($"/proc/{pid}/status").Select(static line => line.Split(':', 2)).ToDictionary(static p => p[0], static p => p[1].Trim());
}
