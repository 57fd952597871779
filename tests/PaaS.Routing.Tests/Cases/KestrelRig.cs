using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PaaS.Routing.Tests;

/// <summary>A router on Kestrel: a plain listener, and one with TLS.</summary>
internal abstract class KestrelServerRig(CaseSelector selector) : RouterRig(selector)
{
    private WebApplication? _server;

    public override async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Configure(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0, Configure);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseHttps(https => https.ServerCertificateSelector = (_, name) => CaseCertificates.For(name));
                Configure(listen);
            });
        });
        _server = builder.Build();
        Configure(_server);
        await _server.StartAsync();
        var addresses = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToList();
        Port = addresses.Single(address => address.Scheme == "http").Port;
        TlsPort = addresses.Single(address => address.Scheme == "https").Port;
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        using var limit = new CancellationTokenSource(grace);
        await _server!.StopAsync(limit.Token);
    }

    public override ValueTask DisposeAsync() => _server!.DisposeAsync();

    protected abstract void Configure(KestrelServerOptions kestrel);

    protected abstract void Configure(ListenOptions listen);

    protected abstract void Configure(WebApplication server);
}

/// <summary>The router on Kestrel's connections.</summary>
internal sealed class KestrelRig(CaseSelector selector) : KestrelServerRig(selector)
{
    private PaaSRouter? _router;

    private PaaSRouter Router => _router ??= new PaaSRouter(Routes, StandardProfile, new RouterPolicies { Selector = Selector });

    protected override void Configure(KestrelServerOptions kestrel)
    {
    }

    protected override void Configure(ListenOptions listen) => listen.UsePaaSRouter(Router);

    protected override void Configure(WebApplication server) => server.Run(_ => throw new InvalidOperationException("A request got past the router."));
}
