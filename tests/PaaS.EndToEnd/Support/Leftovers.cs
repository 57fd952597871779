using System.Net.NetworkInformation;

namespace PaaS.EndToEnd;

/// <summary>What a host that is not running has left on the machine beside its data: nothing, if all is well.</summary>
internal static class Leftovers
{
    public static IReadOnlyList<string> Of(RunningHost host) =>
    [
        .. Processes.DynosOf(host).Select(dyno => $"process of {dyno}"),
        .. Groups(host),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(host.Root, StringComparison.Ordinal)),
        .. NetworkInterface.GetAllNetworkInterfaces().Select(static nic => nic.Name).Where(name => name.StartsWith($"pd{host.Id[..4]}", StringComparison.Ordinal)),
        .. Directory.EnumerateFileSystemEntries(Path.Combine(host.Work, "dynos")).Where(static path => Path.GetFileName(path) != "slugs"),
        .. Directory.EnumerateFileSystemEntries(Path.Combine(host.Work, "builds")),
    ];

    private static IEnumerable<string> Groups(RunningHost host) =>
        from mount in Directory.EnumerateDirectories("/sys/fs/cgroup").Prepend("/sys/fs/cgroup")
        let path = Path.Combine(mount, "paas", host.Id)
        where Directory.Exists(path)
        select path;
}
