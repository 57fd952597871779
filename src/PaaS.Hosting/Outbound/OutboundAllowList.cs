using System.Net;

namespace PaaS.Hosting;

/// <summary>The operator's exceptions from the rule that only the public internet is fetched.</summary>
internal sealed class OutboundAllowList
{
    private readonly List<AddressRange> _ranges = [];
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _suffixes = [];

    public OutboundAllowList(IEnumerable<string> entries)
    {
        foreach (var entry in entries)
        {
            Add(entry);
        }
    }

    public bool AllowsHost(string host) =>
        _hosts.Contains(host) || _suffixes.Any(suffix => host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    public bool AllowsAddress(IPAddress address) => _ranges.Exists(range => range.Contains(address));

    private void Add(string entry)
    {
        if (AddressRange.TryParse(entry, out var range))
        {
            _ranges.Add(range);
        }
        else if (OutboundHost.TryParseAddress(entry, out var address))
        {
            _ranges.Add(new AddressRange(address));
        }
        else if (OutboundHost.IsName(entry))
        {
            _hosts.Add(entry.TrimEnd('.'));
        }
        else if (entry.StartsWith("*.", StringComparison.Ordinal) && OutboundHost.IsName(entry[2..]))
        {
            _suffixes.Add(entry[1..].TrimEnd('.'));
        }
        else
        {
            throw new FormatException($"'{entry}' in the list of allowed outbound places is neither an address (10.1.2.3), nor a range whose base has no host bits (10.1.0.0/16), nor a host name (git.corp.example, *.corp.example).");
        }
    }
}
