using System.Globalization;
using System.Net;

namespace PaaS.Runtime;

/// <summary>A socket in state LISTEN, as <c>/proc/net/tcp</c> and <c>tcp6</c> show it.</summary>
/// <param name="Address">The address it is bound to.</param>
/// <param name="Port">The port.</param>
/// <param name="Inode">Its inode: names it among the descriptors of the processes that hold it.</param>
internal readonly record struct ListeningSocket(IPAddress Address, int Port, long Inode)
{
    private const string Listen = "0A";

    /// <summary>All of a network's, or those on one port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="network">The directory in which the kernel shows the network; the host's if left out.</param>
    public static List<ListeningSocket> ReadAll(int? port = null, string network = "/proc/net")
    {
        var found = new List<ListeningSocket>();
        foreach (var file in new[] { $"{network}/tcp", $"{network}/tcp6" })
        {
            try
            {
                found.AddRange(File.ReadLines(file).Select(Parse).OfType<ListeningSocket>().Where(socket => port is null || socket.Port == port));
            }
            catch (IOException)
            {
                // The machine has no such protocol, or the process through which we look has ended.
            }
        }

        return found;
    }

    /// <summary>Reads a line; <see langword="null"/> for the heading and for a socket in another state.</summary>
    public static ListeningSocket? Parse(string line)
    {
        // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10 || fields[3] != Listen || fields[1].Split(':') is not [{ Length: 8 or 32 } address, var port])
        {
            return null;
        }

        // The kernel prints the address as 32-bit words in its own byte order; x86-64 and arm64 are little-endian.
        var bytes = Convert.FromHexString(address);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        return new(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(fields[9], CultureInfo.InvariantCulture));
    }

    /// <summary>Where on this machine a client reaches it; <see langword="null"/> if it listens on another address alone.</summary>
    public IPAddress? Loopback()
    {
        var address = Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address;
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback
            : address.Equals(IPAddress.IPv6Loopback) ? IPAddress.IPv6Loopback
            : null;
    }

    /// <summary>Whether it takes connections to an address of its network.</summary>
    public bool Accepts(IPAddress address)
    {
        var bound = Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address;
        return bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any) || bound.Equals(address);
    }

    /// <summary>The inodes of the sockets that any of these processes holds.</summary>
    public static HashSet<long> InodesOf(IEnumerable<int> processes)
    {
        const string Prefix = "socket:[";
        var inodes = new HashSet<long>();
        foreach (var process in processes)
        {
            foreach (var target in DescriptorTargets(process))
            {
                if (target.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(target.AsSpan(Prefix.Length, target.Length - Prefix.Length - 1), CultureInfo.InvariantCulture, out var inode))
                {
                    inodes.Add(inode);
                }
            }
        }

        return inodes;
    }

    private static List<string> DescriptorTargets(int process)
    {
        var targets = new List<string>();
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")))
            {
                if (new FileInfo(descriptor).LinkTarget is { } target)
                {
                    targets.Add(target);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or became another user's.
        }

        return targets;
    }
}
