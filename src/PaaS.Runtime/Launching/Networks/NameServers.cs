using System.Net;
using System.Net.Sockets;

namespace PaaS.Runtime;

/// <summary>How names are resolved in a network of its own, where a resolver on the machine itself is out of reach.</summary>
internal static class NameServers
{
    /// <summary>Where the machine's settings are, the first that helps counts: systemd-resolved keeps the real servers apart.</summary>
    public static IReadOnlyList<string> Files { get; } = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    /// <summary>The servers named in a resolv.conf's text.</summary>
    public static IEnumerable<IPAddress> Find(string text) =>
        Lines(text).Where(IsServer).Select(static line => IPAddress.TryParse(Words(line)[1], out var address) ? address : null).OfType<IPAddress>();

    /// <summary>
    /// The text for <c>/etc/resolv.conf</c> inside: the machine's own, without the servers that can't be reached from there,
    /// namely those on the machine and those with IPv6 addresses.
    /// </summary>
    /// <param name="texts">The texts of <see cref="Files"/> that exist.</param>
    /// <param name="isOwn">Whether an address is the machine's own.</param>
    /// <returns><see langword="null"/> if no server is left.</returns>
    public static string? Compose(IEnumerable<string> texts, Func<IPAddress, bool> isOwn)
    {
        foreach (var text in texts)
        {
            var kept = Lines(text).Where(line => IsServer(line)
                ? IPAddress.TryParse(Words(line)[1], out var server) && server.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(server) && !server.Equals(IPAddress.Any) && !isOwn(server)
                : Words(line) is ["search" or "domain" or "options", ..]).ToList();
            if (kept.Exists(IsServer))
            {
                return string.Join('\n', kept) + "\n";
            }
        }

        return null;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsServer(string line) => Words(line) is ["nameserver", _, ..];

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
