using System.Text.Json;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class ProcessSweepTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_launcher_ends_what_a_lost_one_has_left(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        var first = await scene.Start(LauncherScene.Bash("(setsid sleep 301 &); sleep 302") with { Label = "shop/web.1" });
        var second = await scene.Start(LauncherScene.Bash("(setsid sleep 303 &); exit 0") with { Label = "shop/worker.1" });
        await second.Exited.WaitAsync(RealProcesses.Deadline);
        await RealProcesses.Until(() => first.ListProcesses().Count == 2 && second.ListProcesses().Count == 1, "two and one are there");
        var all = first.ListProcesses().Concat(second.ListProcesses()).ToList();
        await using var next = new PlainLauncher(scene.Records, cgroups);

        var swept = await next.SweepAsync();

        Assert.DoesNotContain(all, static pid => ProcessStat.Read(pid) is { IsAlive: true });
        Assert.Equal([("shop/web.1", first.Id, 2), ("shop/worker.1", second.Id, 1)], swept.Select(static s => (s.Label, s.Id, s.Killed)).Order());
        Assert.Equal(0, scene.RecordCount);
        Assert.Empty(await next.SweepAsync());
    }

    [Fact]
    public async Task A_sweep_leaves_the_launchers_own_processes_alone()
    {
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));

        Assert.Empty(await scene.Launcher.SweepAsync());

        Assert.Equal([process.Id], process.ListProcesses());
        Assert.Equal(1, scene.RecordCount);
    }

    [Fact]
    public async Task A_copy_of_the_records_is_another_hosts_and_ends_nothing()
    {
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        var copy = Path.Combine(scene.Directory, "copy");
        using (var cp = System.Diagnostics.Process.Start("/bin/cp", ["-a", scene.Records, copy]))
        {
            await cp.WaitForExitAsync();
        }

        await using var next = new PlainLauncher(copy);

        Assert.Empty(await next.SweepAsync());
        Assert.Equal([process.Id], process.ListProcesses());
        Assert.Empty(Directory.GetFiles(copy, "*.json"));
        Assert.Equal(1, scene.RecordCount);
        Assert.NotEqual(File.ReadLines(Path.Combine(copy, "host")).First(), File.ReadLines(Path.Combine(scene.Records, "host")).First());
    }

    [Fact]
    public async Task A_record_that_was_being_written_goes_with_the_sweep()
    {
        await using var scene = new LauncherScene();
        await File.WriteAllTextAsync(Path.Combine(scene.Records, $"{Guid.NewGuid():N}.json.tmp"), "{");

        Assert.Empty(await scene.Launcher.SweepAsync());

        Assert.Equal("host", Path.GetFileName(Assert.Single(Directory.GetFiles(scene.Records))));
    }

    [Fact]
    public async Task A_reused_number_is_not_the_recorded_process()
    {
        await using var scene = new LauncherScene(useCgroups: false);
        await using var other = new LauncherScene();
        await using var stranger = await other.Start(LauncherScene.Spec("/bin/sleep", "300"));
        var real = ProcessStat.Read(stranger.Id)!.Value;
        Write(scene, new ProcessRecord(Guid.NewGuid(), "shop/web.1", BootId(), stranger.Id, real.StartTime - 1, null));
        Write(scene, new ProcessRecord(Guid.NewGuid(), "shop/web.2", BootId(), stranger.Id, real.StartTime - 2, "/sys/fs/cgroup"));

        var swept = await scene.Launcher.SweepAsync();

        Assert.Equal([0, 0], swept.Select(static s => s.Killed));
        Assert.Equal([stranger.Id], stranger.ListProcesses());
        Assert.Equal(0, scene.RecordCount);
    }

    [Fact]
    public async Task After_another_boot_a_record_names_nothing()
    {
        await using var scene = new LauncherScene(useCgroups: false);
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        var path = Assert.Single(Directory.GetFiles(scene.Records, "*.json"));
        var record = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path), ProcessRecordJson.Default.ProcessRecord)!;
        Write(scene, record with { BootId = Guid.NewGuid() });
        await using var next = new PlainLauncher(scene.Records, useCgroups: false);

        Assert.Empty(await next.SweepAsync());

        Assert.Equal([process.Id], process.ListProcesses());
        Assert.Equal(0, scene.RecordCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"pid\":")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task A_damaged_record_still_names_its_marker(string text)
    {
        await using var scene = new LauncherScene(useCgroups: false);
        var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        await RealProcesses.Until(() => File.ReadAllText($"/proc/{process.Id}/comm") == "sleep\n", "it sleeps");
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(scene.Records, "*.json")), text);
        await using var next = new PlainLauncher(scene.Records, useCgroups: false);

        var swept = await next.SweepAsync();

        Assert.Equal(1, Assert.Single(swept).Killed);
        Assert.Equal(0, scene.RecordCount);
    }

    [Fact]
    public async Task The_record_is_there_before_the_command_runs()
    {
        await using var scene = new LauncherScene();

        var (output, _) = await scene.Run(LauncherScene.Bash($"cat {scene.Records}/*.json; echo; echo $$ $PAAS_PROCESS"));

        var lines = output.Split('\n');
        var record = JsonSerializer.Deserialize(lines[0], ProcessRecordJson.Default.ProcessRecord)!;
        Assert.Equal($"{record.Pid} {record.Marker:N}", lines[1]);
        Assert.Equal(BootId(), record.BootId);
    }

    [Fact]
    public async Task A_process_whose_host_dies_before_it_has_the_whole_environment_does_not_run()
    {
        await using var scene = new LauncherScene();
        var spec = LauncherScene.Spec("/usr/bin/touch", Path.Combine(scene.Directory, "ran"));
        using var exits = new ExitWatcher();
        await using var streams = StdStreams.Open(spec);
        var pid = Spawn.Start(StartScript.Compose(spec), streams, []);
        streams.CloseChildEnds();
        var exited = exits.Watch(pid);

        Assert.Equal(1, await streams.Control.ReceiveAsync(new byte[1]));
        await streams.Control.SendAsync("PATH\n0\n/usr/bin\nA\n0\n"u8.ToArray());
        streams.Control.Dispose();
        var exit = await exited.WaitAsync(RealProcesses.Deadline);
        ExitWatcher.Reap(pid);

        Assert.Equal(StartScript.NotStarted, exit.Status);
        Assert.False(File.Exists(Path.Combine(scene.Directory, "ran")));
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/paas/0123456789abcdef0123456789abcdef/{0}", true)]
    [InlineData("/sys/fs/cgroup/unified/paas/0123456789abcdef0123456789abcdef/{0}", true)]
    [InlineData("/sys/fs/cgroup", false)]
    [InlineData("/sys/fs/cgroup/paas", false)]
    [InlineData("/sys/fs/cgroup/paas/0123456789abcdef0123456789abcdef", false)]
    [InlineData("/sys/fs/cgroup/paas/0123456789abcdef0123456789abcdef/other", false)]
    [InlineData("/sys/fs/cgroup/user.slice/0123456789abcdef0123456789abcdef/{0}", false)]
    [InlineData("", false)]
    public void Only_a_group_that_a_launcher_made_is_swept(string path, bool expected)
    {
        var marker = Guid.NewGuid();

        Assert.Equal(expected, Cgroup.IsOf(marker, path.Replace("{0}", marker.ToString("N"), StringComparison.Ordinal)));
    }

    private static Guid BootId() => Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id"));

    private static void Write(LauncherScene scene, ProcessRecord record) => new ProcessRecords(scene.Records).Write(record);
}
