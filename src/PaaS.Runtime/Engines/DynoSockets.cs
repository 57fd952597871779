using System.Globalization;
using System.Net;

namespace PaaS.Runtime;

/// <summary>The sockets on which one dyno listens: in the host's network those that its processes hold, in a network of its own all.</summary>
internal sealed class DynoSockets(ProcessHandle process)
{
    /// <summary>The dyno's own network, once it was seen. A process id that another process has got meanwhile is in another one.</summary>
    private string? _network;

    /// <summary>All of them, or those on one port.</summary>
    public List<ListeningSocket> Read(int? port = null) => process.Address is null ? ReadShared(port) : ReadOwn(port);

    /// <summary>Where the host reaches the dyno on a port; <see langword="null"/> if it can't, or not yet.</summary>
    public IPAddress? FindAddress(int port)
    {
        var sockets = Read(port);
        if (process.Address is { } own)
        {
            return sockets.Exists(socket => socket.Accepts(own)) ? own : null;
        }

        var addresses = sockets.Select(static socket => socket.Loopback()).OfType<IPAddress>().ToList();
        return addresses.Contains(IPAddress.Loopback) ? IPAddress.Loopback : addresses.FirstOrDefault();
    }

    private List<ListeningSocket> ReadShared(int? port)
    {
        var candidates = ListeningSocket.ReadAll(port);
        if (candidates.Count > 0)
        {
            var inodes = ListeningSocket.InodesOf(process.ListProcesses());
            candidates.RemoveAll(socket => !inodes.Contains(socket.Inode));
        }

        return candidates;
    }

    private List<ListeningSocket> ReadOwn(int? port)
    {
        var host = NetworkOf("self");
        foreach (var id in process.ListProcesses())
        {
            // What starts a sandbox may still be in the host's network.
            var text = id.ToString(CultureInfo.InvariantCulture);
            if (NetworkOf(text) is { } network && network != host && network == (_network ??= network))
            {
                return ListeningSocket.ReadAll(port, $"/proc/{text}/net");
            }
        }

        return [];
    }

    private static string? NetworkOf(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/net").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return null;
        }
    }
}
