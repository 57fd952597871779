namespace PaaS.Runtime.Tests;

public sealed class HostCgroupsTests
{
    private const ProcessIsolation All = ProcessIsolation.Tree | ProcessIsolation.Memory | ProcessIsolation.Cpu | ProcessIsolation.ProcessCount;
    private const string Controllers = "cpuset cpu io memory hugetlb pids\n";
    private static readonly ProcessLimits Limits = new(MemoryBytes: 64 << 20, CpuShares: 512, Processes: 30);
    private static readonly (string, string)[] Version2Files = [("memory.max", "max\n"), ("memory.swap.max", "max\n"), ("cpu.weight", "100\n"), ("pids.max", "max\n")];

    [Fact]
    public void In_version_2_the_root_hands_its_controllers_down_and_one_group_has_all_limits()
    {
        using var tree = new FakeCgroups()
            .With("/", ("cgroup.procs", "1\n2\n"), ("cgroup.controllers", Controllers), ("cgroup.subtree_control", ""))
            .WithVersion2("/", "cpu memory pids\n", Version2Files);

        var host = tree.Make(["0::/"], ("/", null))!;
        var group = host.Create(tree.Marker, Limits, helpers: 2);

        Assert.Equal(All, host.Isolation);
        Assert.Equal("+cpu +memory +pids", tree.Read("/", "cgroup.subtree_control"));
        Assert.Equal("+cpu +memory +pids", tree.Read($"/paas/{tree.Host}", "cgroup.subtree_control"));
        Assert.Equal([tree.Group("/")], group.Paths);
        Assert.Equal(["67108864", "0", "50", "32"], Version2Files.Select(file => File.ReadAllText(Path.Combine(tree.Group("/"), file.Item1))));
        Assert.Null(host.RestOf(Limits).Processes);
    }

    [Fact]
    public void Where_only_the_group_above_the_hosts_own_is_delegated_the_groups_are_there()
    {
        using var tree = new FakeCgroups()
            .With("/", ("cgroup.controllers", Controllers))
            .With("/app.service", ("cgroup.type", "domain\n"), ("cgroup.procs", ""), ("cgroup.controllers", "cpu memory pids\n"), ("cgroup.subtree_control", ""))
            .With("/app.service/host", ("cgroup.type", "domain\n"), ("cgroup.procs", "42\n"), ("cgroup.controllers", "cpu memory pids\n"), ("cgroup.subtree_control", ""))
            .WithVersion2("/app.service", "cpu memory pids\n", Version2Files);

        var host = tree.Make(["0::/app.service/host"], ("/", null))!;

        Assert.Equal(All, host.Isolation);
        Assert.Equal([tree.HostGroup("/app.service")], host.Directories);
    }

    [Fact]
    public void A_group_with_the_host_in_it_can_kill_but_not_limit()
    {
        using var tree = new FakeCgroups()
            .With("/", ("cgroup.controllers", Controllers))
            .With("/app.service", ("cgroup.type", "domain\n"), ("cgroup.procs", "42\n"), ("cgroup.controllers", "cpu memory pids\n"), ("cgroup.subtree_control", ""))
            .WithVersion2("/app.service", "");

        var host = tree.Make(["0::/app.service"], ("/", null))!;
        var group = host.Create(tree.Marker, Limits);

        Assert.Equal(ProcessIsolation.Tree, host.Isolation);
        Assert.Equal("", tree.Read("/app.service", "cgroup.subtree_control"));
        Assert.Equal([tree.Group("/app.service")], group.Paths);
        Assert.Equal(Limits, host.RestOf(Limits));
    }

    [Fact]
    public void Beside_version_1_the_unified_tree_kills_and_the_others_limit()
    {
        using var tree = new FakeCgroups()
            .With("/unified", ("cgroup.procs", "1\n"), ("cgroup.controllers", "hugetlb\n"), ("cgroup.subtree_control", ""))
            .WithVersion2("/unified", "")
            .WithVersion1("/memory", ("memory.limit_in_bytes", "9223372036854771712\n"), ("memory.memsw.limit_in_bytes", "9223372036854771712\n"))
            .WithVersion1("/cpu", ("cpu.shares", "1024\n"))
            .WithVersion1("/pids", ("pids.max", "max\n"))
            .WithVersion1("/freezer", ("freezer.state", "THAWED\n"));

        var host = tree.Make(["0::/"], ("/memory", "memory"), ("/cpu", "cpu"), ("/pids", "pids"), ("/freezer", "freezer"), ("/unified", null))!;
        var group = host.Create(tree.Marker, Limits);
        group.Join(77);

        Assert.Equal(All, host.Isolation);
        Assert.Equal(tree.Group("/unified"), group.CgroupPath);
        Assert.Equal([tree.Group("/memory"), tree.Group("/cpu"), tree.Group("/pids")], group.ControllerPaths);
        Assert.Equal("67108864", File.ReadAllText(Path.Combine(tree.Group("/memory"), "memory.limit_in_bytes")));
        Assert.Equal("67108864", File.ReadAllText(Path.Combine(tree.Group("/memory"), "memory.memsw.limit_in_bytes")));
        Assert.Equal("512", File.ReadAllText(Path.Combine(tree.Group("/cpu"), "cpu.shares")));
        Assert.Equal("30", File.ReadAllText(Path.Combine(tree.Group("/pids"), "pids.max")));
        Assert.All(group.Paths, static path => Assert.Equal("77", File.ReadAllText(Path.Combine(path, "cgroup.procs"))));
    }

    [Fact]
    public void With_version_1_alone_the_freezer_kills_and_a_shared_hierarchy_is_one_group()
    {
        using var tree = new FakeCgroups()
            .WithVersion1("/memory", ("memory.limit_in_bytes", "9223372036854771712\n"))
            .WithVersion1("/cpu,cpuacct", ("cpu.shares", "1024\n"), ("cpuacct.usage", "0\n"))
            .WithVersion1("/freezer", ("freezer.state", "FROZEN\n"));

        var host = tree.Make([], ("/memory", "memory"), ("/cpu,cpuacct", "cpu,cpuacct"), ("/freezer", "freezer"), ("/cpuset", "cpuset"))!;
        var group = host.Create(tree.Marker, Limits);
        group.Kill();

        Assert.Equal(All & ~ProcessIsolation.ProcessCount, host.Isolation);
        Assert.Equal([tree.Group("/freezer"), tree.Group("/memory"), tree.Group("/cpu,cpuacct")], group.Paths);
        Assert.Equal("67108864", File.ReadAllText(Path.Combine(tree.Group("/memory"), "memory.limit_in_bytes")));
        Assert.False(File.Exists(Path.Combine(tree.Group("/memory"), "memory.memsw.limit_in_bytes")));
        Assert.Equal("THAWED", File.ReadAllText(Path.Combine(tree.Group("/freezer"), "freezer.state")));
        Assert.Equal(30, host.RestOf(Limits).Processes);
    }

    [Fact]
    public void What_the_host_may_not_write_is_not_there()
    {
        using var tree = new FakeCgroups().With("/unified", ("cgroup.controllers", Controllers)).With("/memory");

        Assert.Null(tree.Make(["0::/"], ("/unified", null), ("/memory", "memory")));
        Assert.Null(tree.Make([]));
    }

    [Fact]
    public void Usage_is_read_in_both_versions_without_what_the_kernel_would_drop()
    {
        using var version1 = new FakeCgroups()
            .WithVersion1("/memory", ("memory.usage_in_bytes", "5000\n"), ("memory.stat", "cache 1\ntotal_inactive_file 1500\ntotal_swap 70\n"), ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"))
            .WithVersion1("/cpu", ("cpu.shares", "1024\n"), ("cpuacct.usage", "2000000000\n"))
            .WithVersion1("/pids", ("pids.max", "max\n"), ("pids.current", "4\n"))
            .WithVersion1("/freezer", ("freezer.state", "THAWED\n"), ("cgroup.procs", "1\n"));
        using var version2 = new FakeCgroups()
            .With("/", ("cgroup.procs", "1\n"), ("cgroup.controllers", Controllers), ("cgroup.subtree_control", ""))
            .WithVersion2("/", "cpu memory pids\n", ("memory.current", "5000\n"), ("memory.stat", "file 3000\ninactive_file 1500\n"), ("memory.swap.current", "70\n"), ("memory.events", "oom 9\noom_kill 3\n"), ("pids.current", "4\n"), ("cpu.stat", "usage_usec 2000000\n"));
        var expected = new ProcessUsage(3500, 1500, 70, 4, TimeSpan.FromSeconds(2), 3);

        var one = version1.Make([], ("/memory", "memory"), ("/cpu", "cpu,cpuacct"), ("/pids", "pids"), ("/freezer", "freezer"))!.Create(version1.Marker, ProcessLimits.None);
        var two = version2.Make(["0::/"], ("/", null))!.Create(version2.Marker, ProcessLimits.None);

        Assert.Equal(expected, one.Measure());
        Assert.Equal(expected, two.Measure());
        File.WriteAllText(Path.Combine(version2.Group("/"), "cgroup.events"), "populated 0\n");
        Assert.Null(two.Measure());
    }

    [Theory]
    [InlineData(1024, 100)]
    [InlineData(512, 50)]
    [InlineData(2, 1)]
    [InlineData(262_144, 10_000)]
    public void Shares_keep_their_ratio_to_the_default_as_weights(int shares, long weight) => Assert.Equal(weight, CgroupLimits.Weight(shares));
}
