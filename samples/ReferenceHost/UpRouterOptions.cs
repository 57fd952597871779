using System.CommandLine;
using PaaS.Hosting;

namespace PaaS.ReferenceHost;

/// <summary>The options of <c>up</c> about the router.</summary>
internal sealed class UpRouterOptions
{
    public Option<int> Port { get; } = UpOptions.PortOption("--router-port", "The port of the router, where the apps answer. Default: 8080.", 8080);

    public Option<RouterFrontKind> Front { get; } = new("--router-front") { Description = "fast (the default on Linux): the router's own event loops. kestrel: the same router on ASP.NET Core's server, for plain HTTP as it always is for HTTPS.", HelpName = "FRONT" };

    public Option<int?> HttpsPort { get; } = HttpsPortOption();

    public Option<DirectoryInfo?> Certificates { get; } = new("--certificates") { Description = "A directory with NAME.crt and NAME.key, or NAME.pem, for each host name; _.example.com stands for *.example.com, default for all others. Read again when a file changes.", HelpName = "DIR" };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Port, Front, HttpsPort, Certificates];

    /// <summary>Puts what was given into the platform's options.</summary>
    public void Apply(ParseResult parsed, PaaSOptions o)
    {
        o.Router.Port = parsed.GetValue(Port);
        o.Router.Front = parsed.GetValue(Front);
        o.Router.HttpsPort = parsed.GetValue(HttpsPort);
        o.Router.CertificatesDirectory = parsed.GetValue(Certificates)?.FullName;
    }

    private static Option<int?> HttpsPortOption()
    {
        var option = new Option<int?>("--router-https-port") { Description = "The port where the apps answer over HTTPS, HTTP/2 included. Needs --certificates. Default: none.", HelpName = "PORT" };
        option.Validators.Add(UpOptions.CheckPort);
        return option;
    }
}
