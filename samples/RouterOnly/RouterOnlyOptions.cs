using System.Globalization;
using System.Net;

namespace PaaS.Samples;

/// <summary>The command line.</summary>
internal sealed record RouterOnlyOptions
{
    public const string Usage = """
        dotnet run -c Release --project samples/RouterOnly -- --port 8080 --backends 127.0.0.1:3000,127.0.0.1:3001 [--front fast|kestrel|pipeline]

          --port      where to listen, on loopback
          --backends  IP addresses and ports of the dynos that all requests go to
          --front     fast: own event loops (Linux; the default there). kestrel: Kestrel's connections. pipeline: an endpoint of ASP.NET Core
          --cases     instead of --backends: the host name p40001-40002.test leads to these ports of loopback, with times scaled down
        """;

    public int Port { get; init; }

    public IPEndPoint[] Backends { get; init; } = [];

    public string Front { get; init; } = OperatingSystem.IsLinux() ? "fast" : "kestrel";

    public bool Cases { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <returns><see langword="null"/> if it is not understood.</returns>
    public static RouterOnlyOptions? TryParse(string[] arguments)
    {
        var options = new RouterOnlyOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : string.Empty;
            RouterOnlyOptions? next = arguments[i] switch
            {
                "--cases" => options with { Cases = true },
                "--port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 => options with { Port = port },
                "--backends" when Addresses(value) is { } backends => options with { Backends = backends },
                "--front" when value is "fast" or "kestrel" or "pipeline" => options with { Front = value },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
            i += arguments[i] == "--cases" ? 0 : 1;
        }

        return options.Port > 0 && options.Cases != options.Backends.Length > 0 ? options : null;
    }

    private static IPEndPoint[]? Addresses(string list)
    {
        var texts = list.Split(',');
        var addresses = texts.Select(static text => IPEndPoint.TryParse(text, out var address) && address.Port > 0 ? address : null).OfType<IPEndPoint>().ToArray();
        return addresses.Length == texts.Length ? addresses : null;
    }
}
