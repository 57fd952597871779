using System.Text;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class TerminalTests
{
    public static TheoryData<bool> Launchers => new(true, false);

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task A_process_finds_a_terminal_of_the_wanted_size_and_of_its_own(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.Start("test -t 0 && test -t 1 && test -t 2 && stty size && echo opened >/dev/tty && stty -a | grep -o ' iutf8'");

        Assert.Equal("43 132\r\nopened\r\n iutf8\r\n", await LauncherScene.ReadAll(process.Output));
        Assert.Equal(0, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        Assert.Throws<InvalidOperationException>(() => process.Error);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task Another_size_is_told_to_the_process(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.Start("trap 'stty size; exit 5' WINCH; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready\r", await LauncherScene.ReadLine(process.Output));

        process.Resize(new TerminalSize(99, 11));

        Assert.Equal("11 99\r\n", await LauncherScene.ReadAll(process.Output));
        Assert.Equal(5, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        Assert.Throws<ArgumentOutOfRangeException>(() => process.Resize(new TerminalSize(0, 1)));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task Interrupt_ends_the_foreground_job_of_an_interactive_shell_and_not_the_shell(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.StartSpec(scene.Spec("/bin/bash", "--norc", "--noprofile", "-i") with
        {
            Environment = LauncherScene.Variables(("PATH", "/usr/bin:/bin"), ("PS1", "$ "), ("TERM", "dumb")),
        });

        // What is typed before a program waits for it is the shell's.
        await Expect(process, "$ ");
        await Type(process, "stty noflsh; echo go$((1 + 1)); cat\n");
        await Expect(process, "go2\r\n");
        await Type(process, "Zażółć gęślą jaźń \U0001F600\n");
        await Expect(process, "Zażółć gęślą jaźń \U0001F600\r\nZażółć gęślą jaźń \U0001F600\r\n");
        await Type(process, "\u0003");
        await Expect(process, "$ ");
        await Type(process, "echo status $?\n");
        await Expect(process, "status 130");
        await Type(process, "sleep 300 & jobs; kill %1; exit 42\n");
        await Expect(process, "[1]+  Running");
        await LauncherScene.ReadAll(process.Output);

        Assert.Equal(42, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task Interrupt_is_for_the_command_to_deal_with(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        // Without noflsh the kernel may throw away what is written right after the signal.
        await using var process = await scene.Start("stty -echo noflsh; trap 'echo interrupted' INT; trap 'echo quit; exit 6' QUIT; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready\r", await LauncherScene.ReadLine(process.Output));

        await Type(process, "\u0003");
        await Expect(process, "interrupted\r\n");
        await Type(process, "\u0003");
        await Expect(process, "interrupted\r\n");
        await Type(process, "\u001c");
        await Expect(process, "quit\r\n");

        Assert.Equal(6, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task Ctrl_D_ends_the_input_and_closing_the_stream_does_not(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.Start("stty -echo; echo ready; cat; echo end; sleep 300");
        Assert.Equal("ready\r", await LauncherScene.ReadLine(process.Output));

        await Type(process, "line\n\u0004");
        await process.Input.DisposeAsync();

        Assert.Equal("line\r", await LauncherScene.ReadLine(process.Output));
        Assert.Equal("end\r", await LauncherScene.ReadLine(process.Output));
        Assert.False(process.Exited.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task When_nobody_can_read_any_more_the_process_is_hung_up(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.Start("echo ready; sleep 300");
        Assert.Equal("ready\r", await LauncherScene.ReadLine(process.Output));

        await process.Output.DisposeAsync();

        Assert.Equal(129, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task Everything_arrives_however_late_it_is_read(bool sandboxed)
    {
        await using var scene = await Scene.Open(sandboxed);
        await using var process = await scene.Start("seq 1 100000");

        await RealProcesses.Until(() => process.ListProcesses().Count > 0 || process.Exited.IsCompleted, "it runs");
        var text = await LauncherScene.ReadAll(process.Output);

        Assert.Equal(string.Concat(Enumerable.Range(1, 100_000).Select(static i => $"{i}\r\n")), text);
    }

    [Fact]
    public async Task Fifty_terminals_leave_no_descriptor_and_no_thread()
    {
        await using var scene = await Scene.Open(sandboxed: false);
        await using (await scene.Start("exit 0"))
        {
        }

        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (var i = 0; i < 50; i++)
        {
            await using var process = await scene.Start("sleep 300");
        }

        await RealProcesses.Until(static () => !Directory.GetDirectories("/proc/self/task").Any(static task => File.ReadAllText(task + "/comm") == "PaaS terminal\n"), "no relay is left");
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length, 0, before + 3);
    }

    [Fact]
    public async Task A_terminal_without_a_size_is_refused_and_a_process_without_one_has_none_to_resize()
    {
        await using var scene = new LauncherScene();
        await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(LauncherScene.Bash("true") with { Terminal = new TerminalSize(0, 24) }));
        await using var process = await scene.Start(LauncherScene.Bash("sleep 300"));

        Assert.Throws<InvalidOperationException>(() => process.Resize(TerminalSize.Default));
    }

    private static async Task Type(ProcessHandle process, string text)
    {
        await process.Input.WriteAsync(Encoding.UTF8.GetBytes(text));
        await process.Input.FlushAsync();
    }

    private static async Task Expect(ProcessHandle process, string text)
    {
        var seen = new List<byte>();
        var one = new byte[1];
        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        while (!Encoding.UTF8.GetString([.. seen]).Contains(text, StringComparison.Ordinal))
        {
            Assert.True(await process.Output.ReadAsync(one, deadline.Token) == 1, $"Ended without {text}: {Encoding.UTF8.GetString([.. seen])}");
            seen.Add(one[0]);
        }
    }

    /// <summary>Either launcher.</summary>
    private sealed class Scene(LauncherScene? plain, SandboxScene? sandbox) : IAsyncDisposable
    {
        public static async Task<Scene> Open(bool sandboxed) =>
            sandboxed ? new Scene(null, await SandboxScene.Open()) : new Scene(new LauncherScene(), null);

        public ProcessSpec Spec(params string[] command) => (sandbox?.Spec(command) ?? LauncherScene.Spec(command) with { UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null }) with
        {
            Terminal = new TerminalSize(132, 43),
        };

        public ValueTask<ProcessHandle> Start(string script) => StartSpec(Spec("/bin/bash", "--norc", "--noprofile", "-c", script));

        public ValueTask<ProcessHandle> StartSpec(ProcessSpec spec) => sandbox?.Start(spec) ?? plain!.Start(spec);

        public async ValueTask DisposeAsync()
        {
            await (plain?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (sandbox?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
