using System.Net.NetworkInformation;

namespace PaaS.EndToEnd;

/// <summary>What a host has on the machine beside its data, told by its names: directories, cgroups, mounts, interfaces, processes.</summary>
internal static class Leftovers
{
    /// <summary>What a host that is not running has left: nothing, if all is well.</summary>
    public static IReadOnlyList<string> Of(RunningHost host) =>
    [
        .. Processes.DynosOf(host).Select(dyno => $"process of {dyno}"),
        .. Groups(host),
        .. BesidesDynos(host, 0),
    ];

    /// <summary>What a running host has beyond what so many dynos need.</summary>
    public static IReadOnlyList<string> BesidesDynos(RunningHost host, int dynos) =>
    [
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(host.Root, StringComparison.Ordinal)),
        .. NetworkInterface.GetAllNetworkInterfaces().Select(static nic => nic.Name).Where(name => name.StartsWith($"paas{host.Id[..8]}", StringComparison.Ordinal)).Skip(dynos),
        .. Groups(host).SelectMany(group => Directory.EnumerateDirectories(group).Skip(dynos)),
        .. Entries(host, "scratch").Where(static path => Path.GetFileName(path) != "etc").Skip(dynos),
        .. Entries(host, "dynos").Where(static path => Path.GetFileName(path) != "slugs").Skip(dynos),
        .. Entries(host, "builds"),
    ];

    private static IEnumerable<string> Entries(RunningHost host, string directory) =>
        Directory.Exists(Path.Combine(host.Work, directory)) ? Directory.EnumerateFileSystemEntries(Path.Combine(host.Work, directory)) : [];

    private static IEnumerable<string> Groups(RunningHost host) =>
        from mount in Directory.EnumerateDirectories("/sys/fs/cgroup").Prepend("/sys/fs/cgroup")
        let path = Path.Combine(mount, "paas", host.Id)
        where Directory.Exists(path)
        select path;
}
