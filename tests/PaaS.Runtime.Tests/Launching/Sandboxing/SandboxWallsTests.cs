using System.Diagnostics;

namespace PaaS.Runtime.Tests;

/// <summary>What a process in a sandbox sees and can do, each tried from inside.</summary>
[Collection(RealProcesses.Name)]
public sealed class SandboxWallsTests
{
    [Theory]
    [InlineData("pid")]
    [InlineData("ipc")]
    [InlineData("uts")]
    [InlineData("mnt")]
    [InlineData("user")]
    [InlineData("cgroup")]
    public async Task Each_namespace_is_its_own(string name)
    {
        var scene = await SharedSandbox.OpenAsync();

        var (inside, _) = await scene.Run(scene.Spec("/bin/readlink", $"/proc/self/ns/{name}"));

        Assert.StartsWith($"{name}:[", inside, StringComparison.Ordinal);
        Assert.NotEqual(new FileInfo($"/proc/self/ns/{name}").LinkTarget, inside.Trim());
    }

    [Fact]
    public async Task It_sees_its_own_processes_and_the_init_alone()
    {
        var scene = await SharedSandbox.OpenAsync();

        var (output, _) = await scene.Run(scene.Bash("echo /proc/[0-9]*; cat /proc/1/comm; kill -0 1; tr '\\0' '\\n' </proc/1/environ; cat /proc/1/cmdline | tr '\\0' ' '"));

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("/proc/1 /proc/2", lines[0]);
        Assert.Equal("bwrap", lines[1]);
        Assert.DoesNotContain(output, "PATH", StringComparison.Ordinal);
        Assert.DoesNotContain(output, scene.Directory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_user_is_the_apps_inside_and_outside_with_no_capability()
    {
        var scene = await SharedSandbox.OpenAsync();
        await using var process = await scene.Start(scene.Bash("id -u; id -un; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; exec sleep 300"));
        var user = RealProcesses.IsRoot ? RealProcesses.StrangerId : (int)Libc.EffectiveUserId();

        Assert.Equal($"{user}", await LauncherScene.ReadLine(process.Output));
        Assert.Equal("dyno", await LauncherScene.ReadLine(process.Output));
        foreach (var name in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            Assert.Equal($"{name}:\t0000000000000000", await LauncherScene.ReadLine(process.Output));
        }

        Assert.Equal("NoNewPrivs:\t1", await LauncherScene.ReadLine(process.Output));
        Assert.Equal("Seccomp:\t2", await LauncherScene.ReadLine(process.Output));
        await RealProcesses.Until(() => process.ListProcesses().Count == 3, "bwrap's two and the command are there");
        Assert.All(process.ListProcesses(), pid =>
        {
            var status = File.ReadLines($"/proc/{pid}/status").ToList();
            Assert.Contains($"Uid:\t{user}\t{user}\t{user}\t{user}", status);
            Assert.Contains("NoNewPrivs:\t1", status);
        });
    }

    [Theory]
    [InlineData("cat /etc/shadow")]
    [InlineData("ls /root")]
    [InlineData("ls /home")]
    [InlineData("ls /var/lib")]
    [InlineData("ls /sys/kernel")]
    [InlineData("ls \"$DATA\"")]
    [InlineData("ls \"$DATA/scratch\"")]
    [InlineData("cat /proc/sysrq-trigger")]
    [InlineData("echo x >/usr/x")]
    [InlineData("echo x >/etc/x")]
    [InlineData("echo x >/x")]
    [InlineData("echo x >/dev/x")]
    [InlineData("echo x >/run/x")]
    [InlineData("echo x >/proc/sys/kernel/hostname")]
    [InlineData("mkdir /app/m && mount -t tmpfs tmpfs /app/m")]
    [InlineData("umount /tmp")]
    [InlineData("unshare -Ur true")]
    [InlineData("unshare -r -m true")]
    [InlineData("unshare -p true")]
    [InlineData("nsenter -t 1 -m true")]
    [InlineData("chroot /app /bin/true")]
    [InlineData("mknod /app/disk b 8 0")]
    [InlineData("hostname other")]
    [InlineData("dmesg")]
    [InlineData("bwrap --ro-bind / / true")]
    [InlineData("kill -0 $HOST")]
    [InlineData("cat /proc/$HOST/environ")]
    [InlineData("chown 0 /app/Procfile")]
    [InlineData("nice -n -5 true 2>&1 | grep -q cannot && false")]
    public async Task What_is_not_its_business_is_refused(string attempt)
    {
        var scene = await SharedSandbox.OpenAsync();
        var spec = scene.Bash(attempt) with
        {
            Environment = LauncherScene.Variables(("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("DATA", scene.Directory), ("HOST", $"{Environment.ProcessId}")),
        };

        Assert.NotEqual(0, (await scene.Run(spec)).Status);
    }

    [Theory]
    [InlineData("socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)")]
    [InlineData("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)")]
    [InlineData("socket.socket(40, socket.SOCK_STREAM)")]
    [InlineData("socket.socket(38, 5)")]
    [InlineData("socket.socket(30, socket.SOCK_STREAM)")]
    [InlineData("socket.socket(3, socket.SOCK_STREAM)")]
    [InlineData("call(53, 30, 1, 0, 0)")]
    [InlineData("call(101, 16, 1, 0, 0)")]
    [InlineData("call(175, 0, 0, 0)")]
    [InlineData("call(313, 0, 0, 0)")]
    [InlineData("call(321, 0, 0, 0)")]
    [InlineData("call(272, 0x10000000)")]
    [InlineData("call(165, 0, 0, 0, 0, 0)")]
    [InlineData("call(425, 1, 0)")]
    [InlineData("call(430, 0, 0)")]
    [InlineData("call(310, 1, 0, 0, 0, 0, 0)")]
    [InlineData("call(0x40000000 + 39)")]
    public async Task A_call_into_the_kernel_that_no_dyno_needs_is_not_permitted(string call)
    {
        var scene = await SharedSandbox.OpenAsync();
        scene.Put("try.py", $"""
            import ctypes, errno, os, socket
            libc = ctypes.CDLL(None, use_errno=True)
            def call(*a):
                if libc.syscall(*[ctypes.c_long(x) for x in a]) < 0:
                    raise OSError(ctypes.get_errno(), "refused")
            try:
                {call}
                print("done")
            except OSError as e:
                print(errno.errorcode[e.errno])
            """);

        Assert.Equal(("EPERM\n", 0), await scene.Run(scene.Spec("/usr/bin/python3", "/app/try.py")));
    }

    [Fact]
    public async Task A_program_that_would_be_roots_gives_nothing()
    {
        var scene = await SharedSandbox.OpenAsync();

        // su, mount, passwd are set-user-id programs of the system: inside their mark counts for nothing.
        var (output, status) = await scene.Run(scene.Bash("test -u /usr/bin/su || test -u /usr/bin/passwd || exit 9; cp /usr/bin/id /app/id && chmod 4755 /app/id && /app/id -u; su -c id </dev/null >/dev/null 2>&1 && exit 8; exit 0"));

        Assert.Equal(($"{(RealProcesses.IsRoot ? RealProcesses.StrangerId : (int)Libc.EffectiveUserId())}\n", 0), (output, status));
    }

    [Fact]
    public async Task The_command_finds_three_descriptors_and_every_signals_default()
    {
        var scene = await SharedSandbox.OpenAsync();

        var (output, _) = await scene.Run(scene.Spec("/bin/sh", "-c", "ls /proc/$$/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; umask; pwd"));

        // The C library ignores two signals of its own, 32 and 33.
        Assert.Matches("^0\n1\n2\nSigBlk:\t0{16}\nSigIgn:\t0{7}[01][08]0{7}\n0022\n/app\n$", output);
    }

    [Fact]
    public async Task It_has_a_host_name_and_addresses_of_its_own()
    {
        var scene = await SharedSandbox.OpenAsync();

        var (output, _) = await scene.Run(scene.Bash("hostname; getent hosts web-1; getent passwd dyno | cut -d: -f1,6") with { HostName = "web-1", Environment = LauncherScene.Variables(("PATH", "/usr/bin"), ("HOME", "/app")) });

        Assert.Matches("^web-1\n127\\.0\\.1\\.1 +web-1\ndyno:/app\n$", output);
    }

    [Theory]
    [InlineData("head -c 100000000 /dev/zero >/tmp/x", "/tmp")]
    [InlineData("head -c 100000000 /dev/zero >/dev/shm/x", "/dev/shm")]
    public async Task What_is_temporary_is_private_and_has_a_limit(string fill, string directory)
    {
        var scene = await SharedSandbox.OpenAsync();

        var (output, status) = await scene.Run(scene.Bash($"ls -A {directory}; {fill} 2>/dev/null && exit 9; stat -c %s {directory}/x; touch /var/tmp/y && ls /tmp/y"));

        Assert.Equal(0, status);
        Assert.Matches("^(8388608|1048576)\n/tmp/y\n$", output);
    }

    [Theory]
    [InlineData("node", "-e", "console.log(6*7)")]
    [InlineData("python3", "-c", "import socket, ssl, threading; socket.socketpair(); [socket.socket(f, socket.SOCK_DGRAM) for f in (1, 2, 10, 16)]; print(6*7)")]
    [InlineData("perl", "-e", "print 42, \"\\n\"")]
    public async Task The_machines_languages_run(params string[] command)
    {
        Assert.True(File.Exists($"/usr/bin/{command[0]}"), $"This test needs {command[0]} in /usr/bin: run 'apt-get install nodejs python3 perl'.");
        var scene = await SharedSandbox.OpenAsync();

        Assert.Equal(("42\n", 0), await scene.Run(scene.Spec(["/usr/bin/" + command[0], .. command[1..]])));
    }

    [Theory]
    [InlineData("/usr/lib")]
    [InlineData("/opt/")]
    [InlineData("/etc/passwd")]
    public async Task A_toolchain_that_can_not_be_shown_is_named(string path)
    {
        var scene = await SharedSandbox.OpenAsync();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await SandboxLauncher.TryCreateAsync(SandboxScene.Options(Path.Combine(scene.Directory, "second")) with { Toolchains = [path] }));

        Assert.Contains($"'{path}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_toolchain_outside_usr_is_seen_read_only()
    {
        var directory = Directory.CreateTempSubdirectory("paas-tool-").FullName;
        var link = directory + "-link";
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "tool"), "#!/bin/sh\necho tool\n");
            File.SetUnixFileMode(Path.Combine(directory, "tool"), (UnixFileMode)0b111_101_101);
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
            var scene = await SharedSandbox.OpenAsync();
            File.CreateSymbolicLink(link, Path.GetFileName(directory));
            var (launcher, report) = await SandboxLauncher.TryCreateAsync(SandboxScene.Options(Path.Combine(scene.Directory, "second")) with { Toolchains = [directory, link, "/no-such-directory"] });
            Assert.True(launcher is not null, report.ToString());
            await using (launcher)
            {
                await using var process = await launcher.StartAsync(scene.Bash($"{directory}/tool; {link}/tool; echo x >{directory}/x") with { Mounts = [], WorkingDirectory = "/" });

                var output = await LauncherScene.ReadAll(process.Output);

                Assert.StartsWith("tool\ntool\n", output, StringComparison.Ordinal);
                Assert.NotEqual(0, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
            }
        }
        finally
        {
            File.Delete(link);
            Directory.Delete(directory, recursive: true);
        }
    }
}
