using System.Net;

namespace PaaS.Routing.Tests;

/// <summary>The router on event loops of its own: plain HTTP.</summary>
internal sealed class FastRig(CaseSelector selector) : RouterRig(selector)
{
    private FastRouterListener? _listener;

    public override async Task StartAsync()
    {
        var router = new PaaSRouter(Routes, StandardProfile, new RouterPolicies { Selector = Selector });
        _listener = await FastRouterListener.StartAsync(router, new IPEndPoint(IPAddress.Loopback, 0));
        Port = _listener.EndPoint.Port;
    }

    public override Task StopAsync(TimeSpan grace) => _listener!.StopAsync(grace);

    public override ValueTask DisposeAsync() => _listener!.DisposeAsync();
}
