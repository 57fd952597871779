using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>A client's connection on an event loop.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ClientLink(EventLoop loop) : EpollLink(loop)
{
    /// <summary>It was one too many, and is only there until it has heard so.</summary>
    public bool IsTurnedAway { get; set; }

    /// <summary>A client that has gone costs a dyno work: that is told at once.</summary>
    protected override bool ReadsBeforeReset => false;

    protected override bool Lingers => true;

    protected override bool FinishConnecting() => true;

    protected override void OnFreed() => Loop.OnClientGone(IsTurnedAway);
}
