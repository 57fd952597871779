using System.Globalization;
using static PaaS.Runtime.OneOffEffect;

namespace PaaS.Runtime;

/// <content>The client of an attached dyno.</content>
internal sealed partial class OneOffTurn
{
    /// <summary>How long the client of an ended dyno may take for its last bytes: no more than a pipe holds.</summary>
    private static readonly TimeSpan LastBytesTimeout = TimeSpan.FromSeconds(30);

    private void OnAttached(long number)
    {
        if (Find(number) is not { Client: OneOffClient.Awaited } run)
        {
            return;
        }

        run = Set(run with { Client = OneOffClient.Connected });
        CancelTimer(run, OneOffTimerKind.Attach);
        if (DynoLifecycle.IsLive(run.Phase))
        {
            SetTimer(run, OneOffTimerKind.Idle, _state.Options.IdleTimeout);
        }
        else if (run is { Phase: DynoPhase.Removing, IsReleased: false })
        {
            SetTimer(run, OneOffTimerKind.LastBytes, LastBytesTimeout);
        }
    }

    private void OnRead(long number)
    {
        if (Find(number) is { } run)
        {
            run = Set(run with { IsRead = true });
            if (run.Phase == DynoPhase.Removing)
            {
                Release(run);
            }
        }
    }

    private void LoseClient(long number)
    {
        if (Find(number) is not { Client: OneOffClient.Connected } run)
        {
            return;
        }

        run = Set(run with { Client = OneOffClient.Gone });
        CancelTimer(run, OneOffTimerKind.Idle);
        switch (run.Phase)
        {
            case DynoPhase.Launching:
                End(run, "Its client went before it had started.");
                break;
            case DynoPhase.Up:
                Set(run with { Reason = "Its client has gone." });
                Happen(number, DynoHappening.ClientLost);
                break;
            case DynoPhase.Removing:
                Release(run);
                break;
        }
    }

    /// <summary>R13, also for a dyno that has ended already and whose output waited for somebody.</summary>
    private void EndWait(OneOffRun run)
    {
        if (run.Client != OneOffClient.Awaited)
        {
            return;
        }

        run = Set(run with { Client = OneOffClient.Gone });
        if (run.Phase == DynoPhase.Up)
        {
            Set(run with { Reason = DynoLines.AttachError });
            Happen(run.Number, DynoHappening.AttachTimeout);
        }
        else if (run is { Phase: DynoPhase.Removing, IsReleased: false })
        {
            run = Set(run with { Reason = DynoLines.AttachError });
            Log(run, DynoLines.AttachError);
            Release(run);
        }
    }

    private void EndSilence(OneOffRun run, DateTimeOffset? lastByte)
    {
        if (run.Client != OneOffClient.Connected || !DynoLifecycle.IsLive(run.Phase))
        {
            return;
        }

        var limit = _state.Options.IdleTimeout;
        if (lastByte is { } last && now - last < limit)
        {
            SetTimer(run, OneOffTimerKind.Idle, limit - (now - last));
            return;
        }

        Log(run, string.Create(CultureInfo.InvariantCulture, $"Closing the connection: no bytes in either direction for {limit.TotalSeconds:0.###} seconds"));
        Emit(new Disconnect(run.Number));
        LoseClient(run.Number);
    }

    /// <summary>It has ended. What is left is removed when its client has read its last bytes, or nobody is to come for them.</summary>
    private void AwaitReader(OneOffRun run)
    {
        if (!_state.IsShuttingDown && run is { Client: OneOffClient.Connected, IsRead: false })
        {
            SetTimer(run, OneOffTimerKind.LastBytes, LastBytesTimeout);
        }
        else if (_state.IsShuttingDown || run is not { Client: OneOffClient.Awaited, Reason: null })
        {
            Release(run);
        }
    }

    private void Release(OneOffRun run)
    {
        if (!run.IsReleased)
        {
            Set(run with { IsReleased = true });
            CancelTimer(run, OneOffTimerKind.Attach);
            CancelTimer(run, OneOffTimerKind.LastBytes);
            Emit(new RemoveDyno(run.Number));
        }
    }
}
