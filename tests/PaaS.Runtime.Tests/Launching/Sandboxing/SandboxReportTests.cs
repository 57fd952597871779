using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxReportTests
{
    [Fact]
    public async Task What_holds_is_said_and_what_does_not_with_its_remedy()
    {
        await using var scene = await SandboxScene.Open();
        var report = scene.Launcher.Report;

        Assert.Equal(Enum.GetValues<ProcessIsolation>().Where(static flag => flag != ProcessIsolation.None), report.Entries.Select(static entry => entry.Guarantee));
        Assert.Equal(report.Held, scene.Launcher.Isolation);
        foreach (var flag in new[] { ProcessIsolation.Processes, ProcessIsolation.Files, ProcessIsolation.Disk, ProcessIsolation.SystemCalls, ProcessIsolation.Tree, ProcessIsolation.DiesWithHost })
        {
            Assert.True(report.Held.HasFlag(flag), $"{flag}");
        }

        Assert.Equal(RealProcesses.IsRoot, report.Held.HasFlag(ProcessIsolation.Users));
        Assert.Contains("switched off", report.Missing.Single(static entry => entry.Guarantee == ProcessIsolation.Network).WhyNot, StringComparison.Ordinal);
        Assert.Contains("no  Network:", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("yes Files", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(IsolationReport.All, report.Held | report.Missing.Aggregate(ProcessIsolation.None, static (all, entry) => all | entry.Guarantee));
    }

    [Theory]
    [InlineData("/no/bwrap", "bubblewrap 0.8")]
    [InlineData("/bin/false", "status 1")]
    [InlineData("/bin/true", "status 0")]
    public async Task Without_a_bwrap_that_works_there_is_no_launcher_and_a_reason(string bwrap, string reason)
    {
        await using var scene = await SandboxScene.Open();

        var (launcher, report) = await SandboxLauncher.TryCreateAsync(SandboxScene.Options(Path.Combine(scene.Directory, "other")) with { BwrapPath = bwrap });

        Assert.Null(launcher);
        Assert.Equal(ProcessIsolation.None, report.Held);
        Assert.All(report.Entries, entry => Assert.Contains(reason, entry.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(ProcessStat.ReadAll(), static p => p.Parent == Environment.ProcessId && p.State == 'Z');
    }

    [Fact]
    public async Task A_scratch_directory_that_no_overlay_can_write_to_is_the_reason()
    {
        await using var scene = await SandboxScene.Open();

        // The kernel's process directory takes no directory at all.
        await Assert.ThrowsAnyAsync<IOException>(async () => await SandboxLauncher.TryCreateAsync(SandboxScene.Options(scene.Directory) with { ScratchDirectory = "/proc/scratch" }));
    }

    [Theory]
    [InlineData("records", "/scratch")]
    [InlineData("/records", "scratch")]
    public async Task Paths_are_absolute(string records, string scratch) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await SandboxLauncher.TryCreateAsync(new SandboxLauncherOptions { RecordsDirectory = records, ScratchDirectory = scratch }));

    [Fact]
    public async Task The_hosts_own_tools_run_beside_the_sandboxes_and_see_its_files()
    {
        await using var scene = await SandboxScene.Open();
        await using var tool = await scene.Launcher.Tools.StartAsync(LauncherScene.Spec("/bin/cat", Path.Combine(scene.Slug, "Procfile")));

        Assert.Equal("web: true\n", await LauncherScene.ReadAll(tool.Output));
    }

    [Fact]
    public async Task A_network_of_its_own_has_an_address_that_only_the_host_reaches_and_the_hosts_ports_not()
    {
        await using var scene = await SandboxScene.Open(networks: true);
        if (!scene.Launcher.Isolation.HasFlag(ProcessIsolation.Network))
        {
            Assert.False(RealProcesses.IsRoot, scene.Launcher.Report.ToString());
            return;
        }

        using var hosts = new TcpListener(System.Net.IPAddress.Any, 0);
        hosts.Start();
        var port = ((System.Net.IPEndPoint)hosts.LocalEndpoint).Port;
        const string Server = "import socket,sys\ns=socket.create_server(('0.0.0.0',5000))\nprint('listens',flush=True)\nc,_=s.accept()\nc.sendall(b'hello')\nc.close()\n";
        var spec = scene.Spec("/usr/bin/python3", "-c", Server) with { Network = ProcessNetwork.Own };
        await using var first = await scene.Start(spec);
        await using var second = await scene.Start(spec);
        Assert.Equal("listens", await LauncherScene.ReadLine(first.Output));
        Assert.Equal("listens", await LauncherScene.ReadLine(second.Output));

        using var client = new TcpClient();
        await client.ConnectAsync(first.Address!, 5000).WaitAsync(RealProcesses.Deadline);
        Assert.Equal("hello", await LauncherScene.ReadAll(client.GetStream()));
        Assert.NotEqual(first.Address, second.Address);
        var (output, _) = await scene.Run(scene.Bash($"for a in 127.0.0.1/{port} {second.Address}/5000; do timeout 1 bash -c \"exec 3<>/dev/tcp/$a\" 2>/dev/null && echo reached $a; done; ls /sys /proc/net | head -1; cat /etc/hosts") with { Network = ProcessNetwork.Own });
        Assert.DoesNotContain("reached", output, StringComparison.Ordinal);
        await using var shared = await scene.Start(scene.Bash("true"));
        Assert.Null(shared.Address);
    }

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void Each_jump_of_the_filter_ends_in_a_verdict(Architecture architecture)
    {
        var program = SystemCallFilter.Compose(architecture)!;
        const int Load = 0x20, Return = 0x06;
        var lines = program.Length / 8;

        for (var i = 0; i < lines; i++)
        {
            var line = program.AsSpan(i * 8, 8);
            var code = BinaryPrimitives.ReadUInt16LittleEndian(line);
            Assert.True(code is Return || (i + 1 + line[2] < lines && i + 1 + line[3] < lines), $"line {i}");
            Assert.True(code is Return or Load || BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan((i + 1 + line[2]) * 8)) is Return or Load, $"line {i} is followed by a verdict");
        }

        Assert.Equal(Return, BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan((lines - 1) * 8)));
        Assert.Null(SystemCallFilter.Compose(Architecture.X86));
    }
}
