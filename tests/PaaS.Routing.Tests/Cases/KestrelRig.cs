using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PaaS.Routing.Tests;

/// <summary>A router on Kestrel: a plain listener, and one with TLS on which HTTP/2 is spoken, too. The pipeline has it as an endpoint.</summary>
internal abstract class KestrelServerRig(CaseSelector selector) : RouterRig(selector)
{
    private WebApplication? _server;

    public override async Task StartAsync()
    {
        var router = new PaaSRouter(Routes, StandardProfile, new RouterPolicies { Selector = Selector });
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddSingleton(router).AddPaaSRouter();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            RouterListener.Configure(kestrel);
            kestrel.Limits.RequestHeadersTimeout = StandardProfile.HeadTimeout;
            kestrel.Limits.KeepAliveTimeout = StandardProfile.ClientIdleTimeout;
            kestrel.Listen(IPAddress.Loopback, 0, listen => Configure(listen, router));
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UsePaaSRouterTls(CaseCertificates.All);
                Configure(listen, router);
            });
        });
        _server = builder.Build();
        _server.MapPaaSRouter();
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

    /// <summary>What stands on the connections of a listener.</summary>
    protected abstract void Configure(ListenOptions listen, PaaSRouter router);
}

/// <summary>The router on Kestrel's connections; only HTTP/2 goes on to its endpoint.</summary>
internal sealed class KestrelRig(CaseSelector selector) : KestrelServerRig(selector)
{
    protected override void Configure(ListenOptions listen, PaaSRouter router) => listen.UsePaaSRouter(router);
}

/// <summary>The router as an endpoint, behind Kestrel's HTTP.</summary>
internal sealed class PipelineRig : KestrelServerRig
{
    public PipelineRig(CaseSelector selector)
        : base(selector) =>
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true); // as RouterListener asks for

    protected override void Configure(ListenOptions listen, PaaSRouter router)
    {
    }
}
