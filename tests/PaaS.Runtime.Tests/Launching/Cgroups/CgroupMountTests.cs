namespace PaaS.Runtime.Tests;

public sealed class CgroupMountTests
{
    [Fact]
    public void A_version_2_tree_is_found_alone()
    {
        string[] mounts = ["24 30 0:22 / /proc rw shared:12 - proc proc rw", "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"];

        var mount = Assert.Single(CgroupMount.Find(mounts, ["0::/user.slice/paas.service/host"]));

        Assert.True(mount.IsUnified);
        Assert.Equal("/sys/fs/cgroup", mount.Path);
        Assert.Equal(
            ["/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/paas.service", "/sys/fs/cgroup/user.slice/paas.service/host"],
            mount.Parents);
    }

    [Fact]
    public void Trees_of_version_1_are_found_with_their_controllers_and_the_hosts_own_group_in_each()
    {
        string[] mounts =
        [
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
            "33 31 0:30 / /sys/fs/cgroup/my\\040memory rw - cgroup cgroup rw,memory",
            "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
            "42 31 0:39 / /mnt/cgroup rw - ext4 /dev/cgroup rw,memory",
            "broken",
        ];

        var found = CgroupMount.Find(mounts, ["9:name=systemd:/y", "4:memory:/slice/x", "3:cpu,cpuacct:/", "0::/z", "broken"]);

        Assert.Equal(
            [("/sys/fs/cgroup/cpu,cpuacct", "", false), ("/sys/fs/cgroup/my memory", "/slice/x", false), ("/sys/fs/cgroup/systemd", "/y", false), ("/sys/fs/cgroup/unified", "/z", true)],
            found.Select(static m => (m.Path, m.OwnGroup, m.IsUnified)));
        Assert.Contains("cpuacct", found[0].Controllers);
        Assert.Contains("memory", found[1].Controllers);
        Assert.Equal(["/sys/fs/cgroup/cpu,cpuacct"], found[0].Parents);
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc/leaf", "/leaf")]
    [InlineData("/docker/abc", "/docker/abc", "")]
    [InlineData("/docker/abc", "/other", "")]
    [InlineData("/", "/../outside", "")]
    [InlineData("/", "/", "")]
    public void The_own_group_is_told_from_the_mounts_root_on(string root, string group, string expected)
    {
        var mount = Assert.Single(CgroupMount.Find([$"29 23 0:26 {root} /sys/fs/cgroup rw - cgroup2 cgroup2 rw"], [$"0::{group}"]));

        Assert.Equal(expected, mount.OwnGroup);
    }

    [Theory]
    [InlineData("12 (sh) S 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 5 6", 12, 'S', 1, 12, 1, 998877)]
    [InlineData("12 (a) b (c) R 7 12 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 3 0 42 5 6", 12, 'R', 7, 9, 3, 42)]
    public void A_process_is_read_whatever_its_name(string line, int id, char state, int parent, int session, int threads, long start) =>
        Assert.Equal(new ProcessStat(id, state, parent, session, threads, start), ProcessStat.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 (sh) S 1")]
    [InlineData("(sh) S 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 5 6")]
    public void What_is_no_process_line_is_none(string line) => Assert.Null(ProcessStat.Parse(line));
}
