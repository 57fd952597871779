using System.Text.Json;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class ProcessLimitTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public async Task A_process_over_its_memory_is_killed_and_says_so_and_its_neighbour_lives()
    {
        await using var scene = Scene();
        await using var neighbour = await scene.Start(LauncherScene.Spec("/bin/sleep", "300") with { Limits = new(MemoryBytes: 64 * Megabyte) });
        await using var hog = await scene.Start(LauncherScene.Spec("/usr/bin/tail", "/dev/zero") with { Limits = new(MemoryBytes: 64 * Megabyte) });

        var exit = await hog.Exited.WaitAsync(RealProcesses.Deadline);

        Assert.Equal(new ProcessExit(137, ProcessExitReason.OutOfMemory) { OutOfMemoryKills = 1 }, exit);
        Assert.Null(hog.Measure());
        Assert.Equal(0, neighbour.Measure()!.OutOfMemoryKills);
        Assert.False(neighbour.Exited.IsCompleted);
    }

    [Fact]
    public async Task A_child_killed_for_memory_is_counted_and_the_process_goes_on()
    {
        await using var scene = Scene();
        var spec = LauncherScene.Bash("tail /dev/zero; echo over; read; exit 0") with { RedirectInput = true, Limits = new(MemoryBytes: 64 * Megabyte) };
        await using var process = await scene.Start(spec);
        var said = await LauncherScene.ReadLine(process.Output);
        while (!said.EndsWith("over", StringComparison.Ordinal))
        {
            said = await LauncherScene.ReadLine(process.Output);
        }

        Assert.Equal(1, process.Measure()!.OutOfMemoryKills);
        await process.Input.DisposeAsync();

        Assert.Equal(new ProcessExit(0) { OutOfMemoryKills = 1 }, await process.Exited.WaitAsync(RealProcesses.Deadline));
    }

    [Fact]
    public async Task One_killed_by_a_signal_was_not_out_of_memory()
    {
        await using var scene = Scene();
        await using var process = await scene.Start(LauncherScene.Bash("kill -KILL $$") with { Limits = new(MemoryBytes: 64 * Megabyte) });

        Assert.Equal(new ProcessExit(137), await process.Exited.WaitAsync(RealProcesses.Deadline));
    }

    [Fact]
    public async Task A_fork_bomb_stays_within_its_limit_and_is_gone_at_once()
    {
        await using var scene = Scene();
        await using var bomb = await scene.Start(LauncherScene.Bash("bomb() { bomb | bomb & }; bomb 2>/dev/null; while :; do sleep 1; done") with { Limits = new(Processes: 40, MemoryBytes: 256 * Megabyte) });
        _ = LauncherScene.ReadAll(bomb.Output);
        var most = 0;
        await RealProcesses.Until(() => (most = Math.Max(most, bomb.Measure()!.Processes)) >= 40, "it has all that it may have");

        // Some may have ended since; none more may have come.
        Assert.InRange(bomb.Measure()!.Processes, 1, 40);
        Assert.Equal(40, most);
        await bomb.KillTreeAsync().AsTask().WaitAsync(RealProcesses.Deadline);

        Assert.Empty(bomb.ListProcesses());
        Assert.Null(bomb.Measure());
        Assert.Empty(scene.Groups());
    }

    [Fact]
    public async Task Shares_of_the_processor_are_set()
    {
        await using var scene = Scene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300") with { Limits = new(CpuShares: 256) });
        var record = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(Directory.GetFiles(scene.Records, "*.json")[0]), ProcessRecordJson.Default.ProcessRecord)!;

        string[] paths = [record.Cgroup!, .. record.Controllers!];

        Assert.Contains(paths, path => CgroupFile.Number(path, "cpu.shares") == 256 || CgroupFile.Number(path, "cpu.weight") == 25);
        Assert.All(paths, path => Assert.Equal([process.Id], File.ReadLines(Path.Combine(path, "cgroup.procs")).Select(static line => int.Parse(line, System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_is_that_of_the_whole_tree(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await using var process = await scene.Start(LauncherScene.Bash("bash -c 'x=$(head -c 30000000 /dev/zero | tr \"\\0\" x); echo ready; sleep 300; :' & wait; :"));
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));
        await RealProcesses.Until(() => process.ListProcesses().Count == 3, "the pipe's two have ended");

        var usage = process.Measure()!;

        Assert.InRange(usage.MemoryBytes, 30_000_000, 200_000_000);
        Assert.Equal(3, usage.Processes);
        Assert.InRange(usage.CpuTime, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        await process.KillTreeAsync();
        Assert.Null(process.Measure());
    }

    [Fact]
    public async Task The_next_host_removes_groups_with_a_record_and_without()
    {
        await using var scene = Scene();
        var recorded = await scene.Start(LauncherScene.Bash("(setsid sleep 301 &); sleep 302"));
        await using var other = new LauncherScene(useCgroups: false);
        await using var unrecorded = await other.Start(LauncherScene.Spec("/bin/sleep", "303"));
        var host = HostCgroups.TryMake(File.ReadLines(Path.Combine(scene.Records, "host")).First())!;
        host.Create(Guid.NewGuid(), new(MemoryBytes: 64 * Megabyte)).Join(unrecorded.Id);
        await using var next = new PlainLauncher(scene.Records);

        await next.SweepAsync();

        Assert.Empty(recorded.ListProcesses());
        Assert.Equal(137, (await unrecorded.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        await RealProcesses.Until(() => scene.Groups().All(static path => CgroupFile.Read(path, "cgroup.procs") is null or ""), "their parents have reaped them");
        await next.SweepAsync();
        Assert.Empty(scene.Groups());
    }

    [Theory]
    [InlineData(0, null, null)]
    [InlineData(null, 1000L, null)]
    [InlineData(null, null, 1)]
    public async Task Limits_that_cannot_be_are_refused(int? processes, long? memory, int? shares)
    {
        await using var scene = new LauncherScene();

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(LauncherScene.Spec("/bin/true") with { Limits = new(Processes: processes, MemoryBytes: memory, CpuShares: shares) }));

        Assert.Contains("can't be started: its", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, scene.RecordCount);
    }

    private static LauncherScene Scene()
    {
        var scene = new LauncherScene();
        Assert.True(scene.Launcher.Isolation.HasFlag(ProcessIsolation.Memory | ProcessIsolation.Cpu | ProcessIsolation.ProcessCount | ProcessIsolation.Tree), "Needs root, or a delegated cgroup, with the controllers memory, cpu and pids.");
        return scene;
    }
}
