namespace PaaS.Runtime.Tests;

public sealed class SharedSlugTests
{
    [Fact]
    public async Task A_slug_is_unpacked_once_for_all_dynos_of_a_user()
    {
        using var scene = new SharedSlugScene();
        scene.Gate = new();
        var starts = Enumerable.Range(1, 5).Select(number => scene.Runtime.StartAsync(scene.Spec(name: $"web.{number}")).AsTask()).ToArray();
        var prepared = scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1), scene.Spec().UserId).AsTask();
        scene.Gate.SetResult();
        var dynos = await Task.WhenAll(starts);
        await prepared;
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1), scene.Spec().UserId);

        var path = Assert.Single(scene.Unpackings).Path;
        Assert.All(scene.Launcher.Specs, spec => Assert.Equal(new ProcessMount(path, "/app", ProcessMountMode.Ephemeral), Assert.Single(spec.Mounts)));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(path));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        foreach (var dyno in dynos)
        {
            await dyno.DisposeAsync();
        }

        Assert.Equal([path], scene.Kept);
    }

    [Fact]
    public async Task Another_user_has_files_of_its_own()
    {
        using var scene = new SharedSlugScene();
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1), 61_001);
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1), 61_002);
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(2), 61_001);

        Assert.Equal([61_001, 61_002, 61_001], scene.Unpackings.Select(unpacking => unpacking.UserId));
        Assert.Equal(3, scene.Kept.Length);
    }

    [Fact]
    public async Task A_dyno_sees_its_slug_at_app_and_has_the_limits_of_its_size()
    {
        using var scene = new SharedSlugScene(options => options with { DiskBytes = 5 << 20, MemoryLimit = 3 });
        await using var dyno = await scene.Runtime.StartAsync(scene.Spec(name: "my_worker.12") with { Streams = DynoStreams.Terminal, Terminal = new(100, 30) });

        var spec = Assert.Single(scene.Launcher.Specs);
        Assert.Equal(("/app", "my-worker-12", ProcessNetwork.Own, new TerminalSize(100, 30)), (spec.WorkingDirectory, spec.HostName, spec.Network, spec.Terminal));
        Assert.Equal(("/app", "/app", "/tmp", "my_worker.12"), (spec.Environment["HOME"], spec.Environment["PWD"], spec.Environment["TMPDIR"], spec.Environment["DYNO"]));
        Assert.Equal(new ProcessLimits(OpenFiles: 10_000, Processes: 512 + 8, MemoryBytes: 3L << 30, CpuShares: 2048, DiskBytes: 5 << 20), spec.Limits);
        Assert.False(spec.RedirectInput);
        Assert.Equal(0, scene.Logs.LastNumber);
    }

    [Fact]
    public async Task A_tree_with_paths_longer_than_the_system_takes_is_counted_and_removed()
    {
        var path = Directory.CreateTempSubdirectory("paas-deep-").FullName;
        using (var bash = System.Diagnostics.Process.Start("/bin/bash", ["-c", "cd \"$1\" && n=$(printf 'd%.0s' {1..250}) && for i in {1..20}; do mkdir $n && cd $n || exit 1; done; head -c 10000 /dev/zero >file", "x", path]))
        {
            await bash.WaitForExitAsync();
            Assert.Equal(0, bash.ExitCode);
        }

        Assert.InRange(ScratchTree.Measure(path), (20 * 4096) + 10_000, 200_000);
        DirectoryTree.Delete(path);

        Assert.False(Directory.Exists(path));
    }

    [Theory]
    [InlineData("web.1", "web-1")]
    [InlineData("_x.7", "x-7")]
    public void A_host_name_is_the_dynos_name(string name, string expected) => Assert.Equal(expected, DynoCommand.HostName(DynoName.Parse(name)));

    [Fact]
    public void A_long_host_name_keeps_the_number() =>
        Assert.Equal(new string('a', 58) + "-1234", DynoCommand.HostName(DynoName.Parse(new string('a', 128) + ".1234")));

    [Fact]
    public async Task What_the_machine_cannot_enforce_is_said_at_the_start()
    {
        using var scene = new SharedSlugScene(launcher: new((ProcessIsolation)(-1) & ~(ProcessIsolation.Network | ProcessIsolation.Memory | ProcessIsolation.ProcessCount | ProcessIsolation.DiesWithHost)) { Address = null });
        await using var dyno = await scene.Runtime.StartAsync(scene.Spec() with { UserId = 61_001 });

        var line = Assert.Single(await Read(scene.Logs));
        Assert.Equal((LogSource.Heroku, "web.1", "Isolation is weak on this machine: no network of its own, no memory limit, no process limit"), (line.Source, line.Process, line.Message));
        Assert.Equal(ProcessNetwork.Host, scene.Launcher.Specs[0].Network);
        Assert.Null(scene.Launcher.Specs[0].Limits.Processes);
        Assert.Equal("Isolation is weak on this machine: no user of its own", IsolationLine.Of((ProcessIsolation)(-1), null));
    }

    [Fact]
    public async Task A_changed_slug_is_R17_and_the_next_start_looks_again()
    {
        using var scene = new SharedSlugScene();
        scene.Failure = new SlugChecksumException(SharedSlugScene.Slug(1), SharedSlugScene.Slug(2));
        await Assert.ThrowsAsync<SlugChecksumException>(async () => await scene.Runtime.StartAsync(scene.Spec()));
        Assert.Empty(scene.Kept);
        scene.Failure = null;
        await using var dyno = await scene.Runtime.StartAsync(scene.Spec());

        Assert.Equal(2, scene.Unpackings.Count);
        Assert.Single(scene.Launcher.Specs);
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_unpacking_to_the_others_and_the_last_one_ends_it()
    {
        using var scene = new SharedSlugScene();
        scene.Gate = new();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = scene.Runtime.StartAsync(scene.Spec(), first.Token).AsTask();
        var two = scene.Runtime.StartAsync(scene.Spec(), second.Token).AsTask();
        await RealProcesses.Until(() => scene.Unpackings.Count == 1, "it is unpacked");

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal(0, scene.GivenUp);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await RealProcesses.Until(() => scene.GivenUp == 1 && scene.Kept.Length == 0, "the unpacking is given up and its files are gone");

        scene.Gate.SetResult();
        await using var dyno = await scene.Runtime.StartAsync(scene.Spec());
        Assert.Equal(2, scene.Unpackings.Count);
    }

    [Fact]
    public async Task Slugs_that_nobody_uses_go_the_longest_unused_first()
    {
        using var scene = new SharedSlugScene(options => options with { MaxUnpackedSlugs = 2 });
        await using var used = await scene.Runtime.StartAsync(scene.Spec(slug: 1));
        foreach (var slug in new byte[] { 2, 3, 4 })
        {
            await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(slug), scene.Spec().UserId);
        }

        Assert.Equal([PathOf(scene, 1), PathOf(scene, 4)], scene.Kept.Order().OrderBy(path => path != PathOf(scene, 1)));
        await used.DisposeAsync();
        await used.DisposeAsync();
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1), scene.Spec().UserId);
        Assert.Equal(4, scene.Unpackings.Count);
    }

    [Fact]
    public async Task Slugs_that_take_too_much_room_go_but_never_the_one_asked_for_last()
    {
        using var scene = new SharedSlugScene(options => options with { MaxUnpackedBytes = 100_000 });
        scene.Bytes = 40_000;
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(1));
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(2));
        Assert.Equal(2, scene.Kept.Length);
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(3));
        Assert.Equal(2, scene.Kept.Length);
        scene.Bytes = 200_000;
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(4));

        Assert.Equal([PathOf(scene, 4)], scene.Kept);
    }

    [Fact]
    public async Task A_start_that_fails_gives_its_slug_back()
    {
        using var scene = new SharedSlugScene(options => options with { MaxUnpackedSlugs = 0 });
        scene.Launcher.Failure = new ProcessStartException("No.");
        await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Runtime.StartAsync(scene.Spec()));
        await scene.Runtime.PrepareAsync(SharedSlugScene.Slug(2), scene.Spec().UserId);

        Assert.Equal([PathOf(scene, 2)], scene.Kept);
    }

    [Fact]
    public async Task A_sweep_removes_what_an_earlier_host_left()
    {
        using var scene = new SharedSlugScene();
        var left = Directory.CreateDirectory(Path.Combine(scene.Directory, "slugs", Guid.NewGuid().ToString("N"), "app"));
        File.CreateSymbolicLink(Path.Combine(left.FullName, "root"), scene.Directory);
        var other = Directory.CreateDirectory(Path.Combine(scene.Directory, "other"));

        await scene.Runtime.SweepAsync();

        Assert.Equal([other.FullName], Directory.GetFileSystemEntries(scene.Directory));
    }

    [Fact]
    public async Task With_a_network_of_its_own_a_dyno_has_an_address_and_any_port()
    {
        using var scene = new SharedSlugScene(options => options with { LowestPort = 20_000, HighestPort = 20_000 });
        await using var one = await scene.Runtime.StartAsync(scene.Spec(listens: true));
        await using var two = await scene.Runtime.StartAsync(scene.Spec(listens: true, name: "web.2"));

        Assert.Equal("10.213.0.2:20000", one.Endpoint!.ToString());
        Assert.Equal(20_000, two.Endpoint!.Port);
        Assert.All(scene.Launcher.Specs, spec => Assert.Equal("20000", spec.Environment["PORT"]));
    }

    [Fact]
    public async Task A_launcher_that_breaks_its_promise_of_a_network_is_named()
    {
        using var scene = new SharedSlugScene();
        scene.Launcher.Address = null;
        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Runtime.StartAsync(scene.Spec(listens: true)));

        Assert.Contains(nameof(RecordingLauncher), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, scene.Launcher.Disposed);
    }

    private static string PathOf(SharedSlugScene scene, byte slug) => scene.Unpackings.Last(unpacking => unpacking.Slug == SharedSlugScene.Slug(slug)).Path;

    private static async Task<List<LogLine>> Read(LogStream logs)
    {
        var lines = new List<LogLine>();
        await foreach (var line in logs.TailAsync())
        {
            lines.Add(line);
        }

        return lines;
    }
}
