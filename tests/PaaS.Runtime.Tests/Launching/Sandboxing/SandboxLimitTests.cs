namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxLimitTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public async Task A_command_that_crashes_leaves_no_image_of_its_memory()
    {
        await using var scene = await SandboxScene.Open();

        Assert.Equal(("0\n0\n", 0), await scene.Run(scene.Bash("ulimit -Sc; ulimit -Hc")));
    }

    [Fact]
    public async Task A_command_over_its_memory_is_killed_and_says_so()
    {
        await using var scene = await Scene();
        await using var neighbour = await scene.Start(scene.Spec("/bin/sleep", "300") with { Limits = new(MemoryBytes: 64 * Megabyte) });
        await using var hog = await scene.Start(scene.Spec("/usr/bin/tail", "/dev/zero") with { Limits = new(MemoryBytes: 64 * Megabyte) });

        Assert.Equal(new ProcessExit(137, ProcessExitReason.OutOfMemory) { OutOfMemoryKills = 1 }, await hog.Exited.WaitAsync(RealProcesses.Deadline));

        Assert.False(neighbour.Exited.IsCompleted);
        Assert.Equal(0, neighbour.Measure()!.OutOfMemoryKills);
    }

    [Fact]
    public async Task What_is_written_to_the_private_temporary_directory_counts_as_memory()
    {
        await using var scene = await Scene();
        await using var process = await scene.Start(scene.Bash("head -c 6000000 /dev/zero >/tmp/x; echo written; sleep 300; :"));
        Assert.Equal("written", await LauncherScene.ReadLine(process.Output));

        Assert.InRange(process.Measure()!.MemoryBytes, 6_000_000, 64 * Megabyte);
    }

    [Fact]
    public async Task A_fork_bomb_has_all_its_processes_and_no_more()
    {
        await using var scene = await Scene();
        await using var bomb = await scene.Start(scene.Bash("bomb() { bomb | bomb & }; bomb 2>/dev/null; while :; do sleep 1; done") with { Limits = new(Processes: 40, MemoryBytes: 256 * Megabyte) });
        _ = LauncherScene.ReadAll(bomb.Output);

        // The limit is the command's: the sandbox's own two come on top.
        await RealProcesses.Until(() => bomb.Measure() is { Processes: 42 }, "it has all that it may have");
        await bomb.KillTreeAsync().AsTask().WaitAsync(RealProcesses.Deadline);

        Assert.Empty(bomb.ListProcesses());
    }

    private static async Task<SandboxScene> Scene()
    {
        var scene = await SandboxScene.Open();
        Assert.True(scene.Launcher.Isolation.HasFlag(ProcessIsolation.Memory | ProcessIsolation.ProcessCount | ProcessIsolation.DiesWithHost), "Needs root, or a delegated cgroup, with the controllers memory and pids.");
        return scene;
    }
}
