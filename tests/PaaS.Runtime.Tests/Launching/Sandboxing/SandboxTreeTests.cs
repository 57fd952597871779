namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxTreeTests
{
    private const string Loop = "trap 'echo $0 got it' TERM; echo $0 ready; while :; do sleep 0.05; done";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signal_reaches_every_process_also_those_that_left_session_and_parent(bool cgroups)
    {
        await using var scene = await SandboxScene.Open(cgroups: cgroups);
        await using var process = await scene.Start(scene.Spec("/bin/bash", "-c", "setsid bash -c \"$1\" child & (setsid bash -c \"$1\" orphan &) ; exec bash -c \"$1\" parent", "x", Loop) with { SeparateError = true });
        string[] ready = [await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output)];

        process.SignalAll(ProcessSignal.Terminate);
        string[] got = [await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output)];

        Assert.Equal(["child ready", "orphan ready", "parent ready"], ready.Order(StringComparer.Ordinal));
        Assert.Equal(["child got it", "orphan got it", "parent got it"], got.Order(StringComparer.Ordinal));
        Assert.False(process.Exited.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_decides_the_status(bool cgroups)
    {
        await using var scene = await SandboxScene.Open(cgroups: cgroups);
        await using var process = await scene.Start(scene.Bash("trap 'echo bye; exit 42' TERM; echo ready; while :; do sleep 0.05; done") with { SeparateError = true });
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));

        process.SignalAll(ProcessSignal.Terminate);

        Assert.Equal(42, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        Assert.Equal("bye\n", await LauncherScene.ReadAll(process.Output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killing_leaves_nothing_whatever_it_does(bool cgroups)
    {
        await using var scene = await SandboxScene.Open(cgroups: cgroups);
        await using var process = await scene.Start(scene.Bash("trap '' TERM; (setsid bash -c 'trap \"\" TERM; sleep 301 & sleep 302' &); (env -i setsid sleep 303 &); echo ready; while :; do (setsid sleep 0.2 &); done"));
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));
        var all = process.ListProcesses();

        await process.KillTreeAsync().AsTask().WaitAsync(RealProcesses.Deadline);

        Assert.NotEmpty(all);
        Assert.Empty(process.ListProcesses());
        Assert.DoesNotContain(all, static pid => ProcessStat.Read(pid) is { IsAlive: true });
        Assert.Equal(137, (await process.Exited).Status);
        Assert.Equal(0, scene.RecordCount);
        Assert.Equal(0, scene.ScratchCount);
    }

    [Fact]
    public async Task With_the_first_process_everything_ends()
    {
        await using var scene = await SandboxScene.Open();
        await using var process = await scene.Start(scene.Bash("(setsid sleep 301 >/dev/null 2>&1 &); sleep 0.1; exit 3"));
        await RealProcesses.Until(() => process.ListProcesses().Count >= 4 || process.Exited.IsCompleted, "the daemon is there");
        var all = process.ListProcesses();

        Assert.Equal(3, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);

        await RealProcesses.Until(() => !all.Any(static pid => ProcessStat.Read(pid) is { IsAlive: true }), "all have ended");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_host_is_killed_everything_ends_without_the_watchdogs_help(bool cgroups)
    {
        await using var scene = await SandboxScene.Open();
        var directory = Directory.CreateDirectory(Path.Combine(scene.Directory, "host")).FullName;
        using var host = TestHost.Start("sandbox", directory, scene.Slug, $"{cgroups}");
        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        var line = await host.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new InvalidOperationException(await host.StandardError.ReadToEndAsync(deadline.Token));
        var pids = line.Split(' ').Select(int.Parse).ToList();
        var watchdogs = ProcessStat.ReadAll().Where(p => p.Parent == host.Id && !pids.Contains(p.Id)).Select(static p => p.Id).ToList();
        Assert.All(watchdogs, static pid => Assert.Equal(0, Libc.Kill(pid, 19)));

        host.Kill();

        await RealProcesses.Until(() => !pids.Any(static pid => ProcessStat.Read(pid) is { IsAlive: true }), "all have ended");
        Assert.All(watchdogs, static pid => Assert.Equal(0, Libc.Kill(pid, (int)ProcessSignal.Kill)));
        var options = SandboxScene.Options(directory);

        // The process's, and that for the system's files.
        Assert.Equal(2, Directory.GetDirectories(options.ScratchDirectory).Length);
        var (next, report) = await SandboxLauncher.TryCreateAsync(options);
        Assert.True(next is not null, report.ToString());
        await using (next)
        {
            Assert.Equal(0, Assert.Single(await next.SweepAsync()).Killed);
        }

        Assert.Empty(Directory.GetDirectories(options.ScratchDirectory));
    }

    [Fact]
    public async Task A_process_outlives_the_thread_that_asked_for_it()
    {
        await using var scene = await SandboxScene.Open();
        ProcessHandle? process = null;
        var thread = new Thread(() => process = scene.Start(scene.Bash("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done") with { SeparateError = true }).AsTask().GetAwaiter().GetResult());
        thread.Start();
        thread.Join();
        await using var started = process!;
        Assert.Equal("ready", await LauncherScene.ReadLine(started.Output));

        started.SignalAll(ProcessSignal.Terminate);

        Assert.Equal(3, (await started.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Fact]
    public async Task A_host_that_is_gone_leaves_directories_that_the_next_sweep_removes()
    {
        await using var scene = await SandboxScene.Open();
        await using var process = await scene.Start(scene.Bash("echo x >x; echo ready; sleep 300"));
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));
        Directory.CreateDirectory(Path.Combine(scene.Scratch, Guid.NewGuid().ToString("N"), "0", "up"));
        Directory.CreateDirectory(Path.Combine(scene.Scratch, "not-ours"));

        Assert.Empty(await scene.Launcher.SweepAsync());
        Assert.Equal(2, scene.ScratchCount);
        Assert.False(process.Exited.IsCompleted);
        var (next, _) = await SandboxLauncher.TryCreateAsync(SandboxScene.Options(scene.Directory));
        await using (next)
        {
            Assert.NotEmpty(await next!.SweepAsync());
        }

        Assert.Equal(137, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        Directory.Delete(Path.Combine(scene.Scratch, "not-ours"));
    }

    [Fact]
    public async Task Fifty_short_lives_leave_no_descriptor_directory_record_mount_or_process()
    {
        await using var scene = await SandboxScene.Open();
        await scene.Run(scene.Bash("exit 0"));
        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        var mounts = File.ReadAllText("/proc/self/mountinfo");

        for (var i = 0; i < 5; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => scene.Run(scene.Bash("echo x >x"))));
        }

        Assert.Equal(0, scene.RecordCount);
        Assert.Equal(0, scene.ScratchCount);
        Assert.Equal(mounts, File.ReadAllText("/proc/self/mountinfo"));
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length, 0, before + 3);
        Assert.DoesNotContain(ProcessStat.ReadAll(), static p => p.Parent == Environment.ProcessId && p.State == 'Z');
    }
}
