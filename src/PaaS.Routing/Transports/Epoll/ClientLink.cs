using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>A client's connection on an event loop.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ClientLink(EventLoop loop) : EpollLink(loop)
{
    /// <summary>A client that has gone costs a dyno work: that is told at once.</summary>
    protected override bool ReadsBeforeReset => false;

    protected override bool Lingers => true;

    protected override bool FinishConnecting() => true;

    protected override void OnFreed() => Loop.OnClientGone();
}
