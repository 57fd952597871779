namespace PaaS.Runtime;

/// <summary>A setting of the calling thread's network under <c>/proc/sys/net</c>.</summary>
internal readonly record struct KernelSetting(string Path)
{
    /// <summary>Whether an interface's packets may go on to another one.</summary>
    public static KernelSetting ForwardIPv4(string name) => new($"/proc/sys/net/ipv4/conf/{name}/forwarding");

    /// <summary>Whether a packet whose sender isn't reached through the interface it came by is dropped.</summary>
    public static KernelSetting CheckSource(string name) => new($"/proc/sys/net/ipv4/conf/{name}/rp_filter");

    /// <summary>Whether an interface is without IPv6.</summary>
    public static KernelSetting DisableIPv6(string name) => new($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6");

    /// <summary>Its value, without the end of the line.</summary>
    public string Read() => File.ReadAllText(Path).Trim();

    /// <summary>Sets it.</summary>
    public void Write(string value) => File.WriteAllText(Path, value);

    /// <summary>Sets it unless the kernel has no such thing: IPv6 may be left out of it.</summary>
    public void WriteIfThere(string value)
    {
        if (File.Exists(Path))
        {
            Write(value);
        }
    }
}
