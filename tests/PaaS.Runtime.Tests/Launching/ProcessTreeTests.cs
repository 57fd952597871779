using System.Diagnostics;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class ProcessTreeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killing_the_tree_also_kills_what_has_left_the_session_and_its_parents(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await using var process = await scene.Start(LauncherScene.Bash("(setsid bash -c 'sleep 301 & sleep 302' &); (env -i sleep 303 &); sleep 304"));
        await RealProcesses.Until(() => Programs(process).Count(static p => p == "sleep") == 4, "four processes sleep");
        var all = process.ListProcesses();

        await process.KillTreeAsync();

        Assert.Empty(process.ListProcesses());
        Assert.DoesNotContain(all, static pid => ProcessStat.Read(pid) is { IsAlive: true });
        Assert.Equal(137, (await process.Exited).Status);
        Assert.Equal(0, scene.RecordCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_finished_process_has_left_behind_is_still_its_tree(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await using var process = await scene.Start(LauncherScene.Bash("(setsid sleep 301 >/dev/null 2>&1 &); exit 3"));

        Assert.Equal(3, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        await RealProcesses.Until(() => Programs(process) is ["sleep"], "the daemon is alone");
        var daemon = Assert.Single(process.ListProcesses());
        Assert.Equal(1, scene.RecordCount);

        await process.DisposeAsync();

        Assert.False(ProcessStat.Read(daemon) is { IsAlive: true });
        Assert.Equal(0, scene.RecordCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signal_reaches_every_process_once(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        const string Loop = "trap 'echo $0 got it' TERM; echo $0 ready; while :; do sleep 0.05; done";
        await using var process = await scene.Start(LauncherScene.Spec("/bin/bash", "-c", $"setsid bash -c \"$1\" child & exec bash -c \"$1\" parent", "x", Loop) with { SeparateError = true });
        string[] ready = [await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output)];

        process.SignalAll(ProcessSignal.Terminate);
        string[] got = [await LauncherScene.ReadLine(process.Output), await LauncherScene.ReadLine(process.Output)];

        Assert.Equal(["child ready", "parent ready"], ready.Order());
        Assert.Equal(["child got it", "parent got it"], got.Order());
        await process.KillTreeAsync();
        Assert.Equal("", await LauncherScene.ReadAll(process.Output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_ignores_the_request_to_end_is_killed(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await using var process = await scene.Start(LauncherScene.Bash("trap '' TERM; echo ready; while :; do sleep 300; done"));
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));

        process.SignalAll(ProcessSignal.Terminate);
        await RealProcesses.Until(() => Programs(process).Contains("bash"), "it lives on");
        Assert.False(process.Exited.IsCompleted);
        await process.KillTreeAsync();

        Assert.Equal(137, (await process.Exited).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_forks_without_end_is_killed(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await using var process = await scene.Start(LauncherScene.Bash("echo ready; while :; do (setsid sleep 0.2 &); done"));
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));

        await process.KillTreeAsync().AsTask().WaitAsync(RealProcesses.Deadline);

        Assert.Empty(process.ListProcesses());
    }

    [Fact]
    public async Task Closed_output_is_the_end_of_the_stream_but_not_of_the_process()
    {
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Bash("echo last; exec >&- 2>&-; sleep 300"));

        Assert.Equal("last\n", await LauncherScene.ReadAll(process.Output));

        Assert.False(process.Exited.IsCompleted);
        Assert.NotEmpty(process.ListProcesses());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hundred_short_lives_leave_no_descriptor_record_process_or_group(bool cgroups)
    {
        await using var scene = new LauncherScene(cgroups);
        await scene.Run(LauncherScene.Spec("/bin/true"));
        var before = Descriptors();
        var groups = Groups(scene);

        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => scene.Run(LauncherScene.Bash("exit 0"))));
        }

        Assert.Equal(0, scene.RecordCount);
        Assert.Equal(groups, Groups(scene));
        Assert.InRange(Descriptors(), 0, before + 3);
        Assert.DoesNotContain(ProcessStat.ReadAll(), static p => p.Parent == Environment.ProcessId && p.State == 'Z');
    }

    [Fact]
    public async Task Disposing_the_launcher_kills_every_tree_and_may_be_done_again()
    {
        await using var scene = new LauncherScene();
        var processes = new List<ProcessHandle>();
        for (var i = 0; i < 3; i++)
        {
            processes.Add(await scene.Start(LauncherScene.Spec("/bin/sleep", "300")));
        }

        await scene.Launcher.DisposeAsync();
        await scene.Launcher.DisposeAsync();

        Assert.All(processes, static process => Assert.Equal(137, process.Exited.Result.Status));
        Assert.Equal(0, scene.RecordCount);
        await processes[0].DisposeAsync();
        processes[0].SignalAll(ProcessSignal.Kill);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await scene.Start(LauncherScene.Spec("/bin/true")));
    }

    [Fact]
    public async Task The_embedding_programs_own_children_are_left_to_it()
    {
        await using var scene = new LauncherScene();
        await using var ours = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        using var theirs = Process.Start("/bin/sh", ["-c", "exit 7"]);
        var ran = await scene.Run(LauncherScene.Bash("exit 8"));

        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        await theirs.WaitForExitAsync(deadline.Token);

        Assert.Equal(7, theirs.ExitCode);
        Assert.Equal(8, ran.Status);
        Assert.False(ours.Exited.IsCompleted);
    }

    private static string[] Programs(ProcessHandle process) => [.. process.ListProcesses().Select(Program).OfType<string>()];

    private static string? Program(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static int Groups(LauncherScene scene) => scene.Groups().Count;
}
