namespace PaaS.Runtime.Tests;

/// <summary>Starts that meet the launcher's end, or fail half-way.</summary>
[Collection(RealProcesses.Name)]
public sealed class ProcessStartRaceTests : IDisposable
{
    private static readonly ProcessSpec Spec = LauncherScene.Spec("/bin/sleep", "3011");
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-race-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_during_a_start_ends_what_is_being_started(bool cgroups)
    {
        for (var round = 0; round < 10; round++)
        {
            var trees = new ProcessTrees(_directory, cgroups);
            Task? end = null;
            var start = trees.StartAsync(Spec, Guid.NewGuid(), new Chain { AtCloseChildEnds = () => end = Task.Run(async () => await trees.DisposeAsync()) }, [], CancellationToken.None).AsTask();

            // It may have been quicker than its end.
            await ((Task)start).WaitAsync(RealProcesses.Deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.True(start.IsCompleted);
            await end!.WaitAsync(RealProcesses.Deadline);

            AssertNoChild();
        }

        Assert.Empty(Directory.GetFiles(_directory, "*.json"));
    }

    [Fact]
    public async Task A_process_whose_start_fails_after_it_was_born_is_killed_and_reaped()
    {
        await using var trees = new ProcessTrees(_directory, useCgroups: true);

        await Assert.ThrowsAsync<ProcessStartException>(async () => await trees.StartAsync(Spec, Guid.NewGuid(), new Chain { AtCloseChildEnds = static () => throw new IOException("no descriptor") }, [], CancellationToken.None));
        AssertNoChild();

        await Assert.ThrowsAsync<ProcessStartException>(async () => await trees.StartAsync(Spec, Guid.NewGuid(), new Chain { AtLeave = static () => throw new NamespacesLostException(new IOException("no memory")) }, [], CancellationToken.None));
        AssertNoChild();

        // Another thread has taken its place.
        await using var process = await trees.StartAsync(Spec, Guid.NewGuid(), new Chain(), "\n"u8.ToArray(), CancellationToken.None);
        Assert.False(process.Exited.IsCompleted);
    }

    [Fact]
    public async Task An_end_that_failed_is_tried_again()
    {
        await using var trees = new ProcessTrees(_directory, useCgroups: true);
        var removals = 0;
        var chain = new Chain { AtRemove = () => removals++ > 0 ? true : throw new IOException("busy") };
        var process = await trees.StartAsync(Spec, Guid.NewGuid(), chain, "\n"u8.ToArray(), CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(async () => await process.KillTreeAsync());
        await process.DisposeAsync();

        Assert.Equal(2, removals);
        Assert.Empty(Directory.GetFiles(_directory, "*.json"));
        AssertNoChild();
    }

    [Fact]
    public async Task A_thread_that_is_lost_in_other_namespaces_lives_on_and_starts_nothing_more()
    {
        using var spawner = new SpawnThread();
        var first = await spawner.RunAsync(static () => Thread.CurrentThread);

        await Assert.ThrowsAsync<NamespacesLostException>(() => spawner.RunAsync<int>(static () => throw new NamespacesLostException(new IOException("no memory"))));
        var second = await spawner.RunAsync(static () => Thread.CurrentThread);

        Assert.NotSame(first, second);
        Assert.True(first.IsAlive);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Children_that_a_tree_gave_to_the_host_are_reaped(bool cgroups)
    {
        // The system calls have other numbers elsewhere.
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
        {
            return;
        }

        AssertHasPython();

        await using var launcher = new PlainLauncher(_directory, cgroups);
        const string Script = "import ctypes, os, time\nc = ctypes.CDLL(None)\nfor i in range(3):\n    p = c.syscall(56, 0x8000 | 17, 0, 0, 0, 0)\n    if p == 0:\n        os._exit(0)\n    print(p, flush=True)\n";
        await using var process = await launcher.StartAsync(LauncherScene.Spec("/usr/bin/python3", "-c", Script));
        var pids = (await LauncherScene.ReadAll(process.Output)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        Assert.Equal(3, pids.Count);
        await process.Exited.WaitAsync(RealProcesses.Deadline);
        Assert.All(pids, static pid => Assert.Equal(Environment.ProcessId, ProcessStat.Read(pid)?.Parent));

        await process.KillTreeAsync();

        Assert.All(pids, static pid => Assert.Null(ProcessStat.Read(pid)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_whose_first_thread_has_ended_is_alive_and_can_be_killed(bool cgroups)
    {
        AssertHasPython();

        await using var launcher = new PlainLauncher(_directory, cgroups);
        const string Script = "import ctypes, threading, time\nthreading.Thread(target=lambda: time.sleep(300)).start()\nctypes.CDLL(None).pthread_exit(None)\n";
        await using var process = await launcher.StartAsync(LauncherScene.Spec("/bin/bash", "-c", "python3 -c \"$1\" & wait", "x", Script));
        await RealProcesses.Until(() => process.ListProcesses().Count == 2 && process.ListProcesses().Any(static pid => ProcessStat.Read(pid) is { State: 'Z', Threads: 2 }), "its first thread has ended");
        var all = process.ListProcesses();

        await process.KillTreeAsync().AsTask().WaitAsync(RealProcesses.Deadline);

        await RealProcesses.Until(() => !all.Any(static pid => ProcessStat.Read(pid) is { IsAlive: true }), "nothing is left");
    }

    [Fact]
    public async Task Each_process_has_a_keyring_of_its_own()
    {
        // The system calls have other numbers elsewhere.
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
        {
            return;
        }

        AssertHasPython();

        await using var launcher = new PlainLauncher(_directory);
        var keyrings = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var process = await launcher.StartAsync(LauncherScene.Spec("/usr/bin/python3", "-c", "import ctypes; print(ctypes.CDLL(None).syscall(250, 0, -3, 0))"));
            keyrings.Add(await LauncherScene.ReadAll(process.Output));
        }

        // -1: this machine has none, or forbids their use.
        Assert.True(keyrings[0] == "-1\n" || keyrings[0] != keyrings[1], keyrings[0]);
    }

    private static void AssertHasPython() => Assert.True(File.Exists("/usr/bin/python3"), "This test needs Python: run 'apt-get install python3'.");

    private static void AssertNoChild() =>
        Assert.DoesNotContain(ProcessStat.ReadAll(), static p => p.Parent == Environment.ProcessId && File.ReadAllText($"/proc/{p.Id}/cmdline").Contains("3011", StringComparison.Ordinal));

    private sealed class Chain() : StartChain(StartScript.Compose(Spec))
    {
        public Action AtCloseChildEnds { get; init; } = static () => { };

        public Action AtLeave { get; init; } = static () => { };

        public Func<bool> AtRemove { get; init; } = static () => true;

        public override IDisposable? Enter() => new Stay(AtLeave);

        public override void CloseChildEnds() => AtCloseChildEnds();

        public override ValueTask<bool> RemoveAsync() => new(AtRemove());
    }

    private sealed class Stay(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
