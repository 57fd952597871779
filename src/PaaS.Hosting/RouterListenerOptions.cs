using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>Where and how the apps answer.</summary>
public sealed class RouterListenerOptions() : ListenerOptions(8080)
{
    /// <summary>What listens on the port of plain HTTP. Default: <see cref="RouterFrontKind.Automatic"/>.</summary>
    public RouterFrontKind Front { get; set; }

    /// <summary>The port of HTTPS, on the same address; 0 takes a free one. Default: <see langword="null"/>, no HTTPS.</summary>
    public int? HttpsPort { get; set; }

    /// <summary>
    /// Where the certificates for <see cref="HttpsPort"/> are: <c>NAME.crt</c> with <c>NAME.key</c>, or both in <c>NAME.pem</c>, for each host name;
    /// <c>_.example.com</c> stands for <c>*.example.com</c>, and <c>default</c> for every other name. Files that change are read again within ten seconds.
    /// </summary>
    public string? CertificatesDirectory { get; set; }

    /// <summary>The router's limits; an app can have others (<see cref="RouteSettings"/>). Heroku's by default.</summary>
    public RouterOptions Limits { get; set; } = new();
}

/// <summary>What listens for the router.</summary>
public enum RouterFrontKind
{
    /// <summary><see cref="Fast"/> on Linux, elsewhere <see cref="Kestrel"/>.</summary>
    Automatic,

    /// <summary>The router's own event loops over epoll. Linux only.</summary>
    Fast,

    /// <summary>Kestrel's connection layer. On every system.</summary>
    Kestrel,
}
