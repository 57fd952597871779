namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxFilesTests
{
    [Theory]
    [InlineData("/etc/shop", "grep -c . /etc/shop/Procfile; grep -c ^dyno: /etc/passwd; test -e /etc/ssl && echo yes", "1\n1\nyes\n")]
    [InlineData("/etc", "grep -c . /etc/Procfile; test -e /etc/ssl || echo no", "1\nno\n")]
    public async Task A_mount_may_stand_among_the_systems_files_or_in_their_place(string target, string script, string expected)
    {
        await using var scene = await SandboxScene.Open();
        var spec = scene.Bash(script);

        Assert.Equal((expected, 0), await scene.Run(spec with { Mounts = [.. spec.Mounts, new ProcessMount(scene.Slug, target)] }));
    }

    [Fact]
    public async Task What_a_process_writes_is_its_own_and_goes_with_it()
    {
        await using var scene = await SandboxScene.Open();
        scene.Put("config", "stored");
        await using var first = await scene.Start(scene.Bash("echo first >config; echo new >new; rm Procfile; cat config; exec sleep 300"));
        Assert.Equal("first", await LauncherScene.ReadLine(first.Output));

        var second = await scene.Run(scene.Bash("cat config; ls; echo second >config; cat config"));

        Assert.Equal("storedProcfile\nconfig\nsecond\n", second.Output);
        Assert.Equal("stored", await File.ReadAllTextAsync(Path.Combine(scene.Slug, "config")));
        Assert.Equal(["Procfile", "config"], Directory.GetFileSystemEntries(scene.Slug).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(1, scene.ScratchCount);
        await first.DisposeAsync();
        Assert.Equal(0, scene.ScratchCount);
        Assert.Equal("stored", (await scene.Run(scene.Bash("cat config"))).Output);
    }

    [Fact]
    public async Task Each_mode_of_a_mount_is_what_it_says()
    {
        await using var scene = await SandboxScene.Open();
        var shown = Directory.CreateDirectory(Path.Combine(scene.Directory, "shown, it: is=\\\"odd\"")).FullName;
        var kept = Directory.CreateDirectory(Path.Combine(scene.Directory, "kept")).FullName;
        var single = Path.Combine(scene.Directory, "single");
        await File.WriteAllTextAsync(Path.Combine(shown, "a"), "shown\n");
        await File.WriteAllTextAsync(single, "single\n");
        if (RealProcesses.IsRoot)
        {
            Assert.Equal(0, Libc.ChangeOwner(kept, RealProcesses.StrangerId, RealProcesses.StrangerId));
        }

        var spec = scene.Bash("cat /data/shown/a /data/single; echo kept >/data/kept/b; echo x >/data/shown/x; echo x >/data/single; echo x >/data/y") with
        {
            Mounts =
            [
                new ProcessMount(scene.Slug, "/app", ProcessMountMode.Ephemeral),
                new ProcessMount(shown, "/data/shown"),
                new ProcessMount(kept, "/data/kept", ProcessMountMode.Writable),
                new ProcessMount(single, "/data/single"),
            ],
            SeparateError = true,
        };
        var (output, status) = await scene.Run(spec);

        Assert.Equal(("shown\nsingle\n", 1), (output, status));
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(kept, "b")));
        Assert.Single(Directory.GetFileSystemEntries(shown));
        Assert.Equal("single\n", await File.ReadAllTextAsync(single));
    }

    [Fact]
    public async Task A_spec_may_have_a_temporary_directory_of_the_hosts()
    {
        await using var scene = await SandboxScene.Open();
        var spec = scene.Bash("echo x >/tmp/x; ls /tmp") with { Mounts = [new ProcessMount(scene.Slug, "/tmp", ProcessMountMode.Ephemeral)], WorkingDirectory = "/tmp" };

        Assert.Equal(("Procfile\nx\n", 0), await scene.Run(spec with { UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null }));
    }

    [Theory]
    [InlineData("/app/..", "/app")]
    [InlineData("app", "/app")]
    [InlineData("/no/such/source", "/app")]
    [InlineData("/tmp", "/")]
    [InlineData("/tmp", "/usr/local")]
    [InlineData("/tmp", "/proc")]
    [InlineData("/tmp", "relative")]
    [InlineData("/tmp", "/app/../etc")]
    [InlineData("/tmp/", "/app")]
    public async Task A_mount_that_can_not_be_is_refused_with_its_reason(string source, string target)
    {
        await using var scene = await SandboxScene.Open();

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Bash("true") with { Mounts = [new ProcessMount(source, target)] }));

        Assert.Contains("mount", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, scene.RecordCount);
    }

    [Fact]
    public async Task A_source_that_is_a_link_is_refused_and_a_working_directory_that_is_missing_too()
    {
        await using var scene = await SandboxScene.Open();
        var link = Path.Combine(scene.Directory, "link");
        File.CreateSymbolicLink(link, "/etc");

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Bash("true") with { Mounts = [new ProcessMount(link, "/app")] }));
        var nowhere = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Bash("true") with { WorkingDirectory = "/nowhere" }));

        Assert.Contains("symbolic link", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere", nowhere.Message, StringComparison.Ordinal);
        Assert.Equal(0, scene.RecordCount);
    }

    [Fact]
    public async Task Root_never_stands_for_a_tenant()
    {
        await using var scene = await SandboxScene.Open();
        if (!RealProcesses.IsRoot)
        {
            return;
        }

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(scene.Bash("true") with { UserId = null }));

        Assert.Contains("no user id", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo pipe; ln -s / root; ln -s ../../../../../../../etc etc; mkdir -p a/b; chmod 000 a/b; printf x >$'bad\\xff\\xfename'; mkdir -p 'x\ny'; rm -rf Procfile; mkdir Procfile")]
    [InlineData("perl -e 'for (1..3000) { mkdir \"d\" x 9 or die; chdir \"d\" x 9 or die }; open(F, \">end\")'")]
    public async Task Whatever_a_process_leaves_is_removed_and_no_link_is_followed(string litter)
    {
        await using var scene = await SandboxScene.Open();

        var (output, status) = await scene.Run(scene.Bash(litter));

        Assert.Equal(("", 0), (output, status));
        Assert.Equal(0, scene.ScratchCount);
        Assert.Equal(0, scene.RecordCount);
        Assert.True(File.Exists("/etc/passwd"));
        Assert.True(File.Exists(Path.Combine(scene.Slug, "Procfile")));
    }

    [Theory]
    [InlineData("head -c 100M /dev/zero >big; sleep 300")]
    [InlineData("mkdir -p a/b/c; for i in {1..100}; do head -c 1M /dev/zero >a/b/c/$i; done; sleep 300")]
    [InlineData("exec 5>gone; rm gone; head -c 100M /dev/zero >&5; sleep 300")]
    [InlineData("for i in {1..300}; do mkdir d && cd d; done; sleep 300")]
    [InlineData("for i in {1..8000}; do : >$i; done; sleep 300")]
    [InlineData("exec 5>/shared/gone; rm /shared/gone; head -c 30M /dev/zero >&5; sleep 300")]
    [InlineData("exec python3 -c \"import ctypes,os,time; f=os.open('gone',os.O_RDWR|os.O_CREAT); os.write(f,bytes(30<<20)); c=ctypes.CDLL(None); c.mmap.restype=ctypes.c_void_p; c.mmap(None,ctypes.c_size_t(4096),1,1,f,0); os.unlink('gone'); os.close(f); [time.sleep(0.1) for i in range(300)]\"")]
    [InlineData("ln -s / root; head -c 7M /dev/zero >/tmp/x; head -c 20M /dev/zero >y; sleep 300")]
    public async Task One_that_keeps_more_than_its_disk_limit_is_killed_for_it(string filler)
    {
        await using var scene = await SandboxScene.Open();
        var shared = Directory.CreateDirectory($"/dev/shm/paas-shared-{Guid.NewGuid():N}");
        Assert.True(!RealProcesses.IsRoot || Libc.ChangeOwner(shared.FullName, RealProcesses.StrangerId, RealProcesses.StrangerId) == 0);
        var spec = scene.Bash(filler) with { Limits = new ProcessLimits(DiskBytes: 24 * 1024 * 1024) };
        await using var process = await scene.Start(spec with { Mounts = [.. spec.Mounts, new ProcessMount(shared.FullName, "/shared", ProcessMountMode.Writable)] });

        var exit = await process.Exited.WaitAsync(RealProcesses.Deadline);

        Assert.Equal(new ProcessExit(137, ProcessExitReason.OutOfDisk), exit);
        await process.KillTreeAsync();
        shared.Delete(recursive: true);
        Assert.Equal(0, scene.ScratchCount);
    }

    [Fact]
    public async Task One_below_its_disk_limit_lives()
    {
        await using var scene = await SandboxScene.Open();

        // Two names of one file are one file, and what has been removed counts no more.
        var spec = scene.Bash("head -c 10M /dev/zero >a; ln a b; ln a c; for i in 1 2 3 4 5 6; do head -c 10M /dev/zero >d; sleep 0.5; rm d; done; exit 4") with { Limits = new ProcessLimits(DiskBytes: 24 * 1024 * 1024) };

        Assert.Equal(("", 4), await scene.Run(spec));
    }

    [Fact]
    public async Task What_is_mounted_twice_counts_once()
    {
        await using var scene = await SandboxScene.Open();
        var outer = Directory.CreateDirectory($"/dev/shm/paas-outer-{Guid.NewGuid():N}").FullName;
        var inner = Directory.CreateDirectory(Path.Combine(outer, "inner")).FullName;
        foreach (var path in new[] { outer, inner })
        {
            Assert.True(!RealProcesses.IsRoot || Libc.ChangeOwner(path, RealProcesses.StrangerId, RealProcesses.StrangerId) == 0);
        }

        var spec = scene.Bash("head -c 14M /dev/zero >/inner/a; for i in 1 2 3 4 5; do sleep 0.5; ls /inner; done; exit 4") with { Limits = new ProcessLimits(DiskBytes: 24 * 1024 * 1024) };
        var (_, status) = await scene.Run(spec with
        {
            Mounts = [.. spec.Mounts, new ProcessMount(outer, "/outer", ProcessMountMode.Writable), new ProcessMount(inner, "/inner", ProcessMountMode.Writable), new ProcessMount(inner, "/again", ProcessMountMode.Writable)],
        });

        Directory.Delete(outer, recursive: true);
        Assert.Equal(4, status);
    }
}
