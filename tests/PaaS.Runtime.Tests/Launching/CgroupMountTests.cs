namespace PaaS.Runtime.Tests;

public sealed class CgroupMountTests
{
    [Fact]
    public void A_version_2_mount_is_found_alone_and_beside_version_1()
    {
        string[] alone = ["24 30 0:22 / /proc rw shared:12 - proc proc rw", "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"];
        string[] beside = ["32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"];
        string[] version1 = ["32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", "33 31 0:30 / /mnt/cgroup2 rw - ext4 /dev/cgroup2 rw", "broken"];

        Assert.Equal("/sys/fs/cgroup", CgroupMount.FindMount(alone));
        Assert.Equal("/sys/fs/cgroup/unified", CgroupMount.FindMount(beside));
        Assert.Null(CgroupMount.FindMount(version1));
    }

    [Theory]
    [InlineData("0::/user.slice/user-1000.slice", "/user.slice/user-1000.slice")]
    [InlineData("0::/", "/")]
    [InlineData("4:memory:/x", "/")]
    public void The_hosts_own_group_is_the_one_without_controllers(string line, string expected) =>
        Assert.Equal(expected, CgroupMount.FindOwnGroup(["9:name=systemd:/y", line]));

    [Theory]
    [InlineData("12 (sh) S 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 5 6", 12, 'S', 1, 12, 998877)]
    [InlineData("12 (a) b (c) R 7 12 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 42 5 6", 12, 'R', 7, 9, 42)]
    public void A_process_is_read_whatever_its_name(string line, int id, char state, int parent, int session, long start) =>
        Assert.Equal(new ProcessStat(id, state, parent, session, start), ProcessStat.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 (sh) S 1")]
    [InlineData("(sh) S 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 5 6")]
    public void What_is_no_process_line_is_none(string line) => Assert.Null(ProcessStat.Parse(line));
}
