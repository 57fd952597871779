using System.Net;

namespace PaaS.Hosting;

/// <summary>The addresses that the API hands out. Known once the listeners are up.</summary>
internal sealed class ApiAddresses(PaaSOptions options)
{
    /// <summary>Where the API answers.</summary>
    public IPEndPoint Api { get; set; } = new(options.Api.Address, options.Api.Port);

    /// <summary>Where the router answers.</summary>
    public IPEndPoint Router { get; set; } = new(options.Router.Address, options.Router.Port);

    /// <summary>Where the router answers over HTTPS; null for nowhere.</summary>
    public IPEndPoint? RouterHttps { get; set; }

    /// <summary>The API's base address, without a final slash.</summary>
    public string ApiUrl => $"http://{Name(Api)}:{Api.Port}";

    /// <summary>The router's base address, without a final slash.</summary>
    public string RouterUrl => $"http://{Name(Router)}:{Router.Port}";

    public string GitUrl(AppName app) => $"{ApiUrl}/{app}.git";

    public string WebUrl(AppName app) => $"http://{app}.{options.AppDomain}:{Router.Port}/";

    // The loopback address by number: 'localhost' may mean ::1, where nobody listens.
    private static string Name(IPEndPoint endpoint) =>
        endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any) ? "127.0.0.1"
        : endpoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{endpoint.Address}]"
        : endpoint.Address.ToString();
}
