using System.Net;

namespace PaaS.Runtime;

/// <summary>A dyno that an engine has started. Disposing it kills what is left of it and removes its files.</summary>
public interface IDyno : IAsyncDisposable
{
    /// <summary>What it was started from.</summary>
    DynoSpec Spec { get; }

    /// <summary>Where it is to listen; <see langword="null"/> if it takes no requests.</summary>
    IPEndPoint? Endpoint { get; }

    /// <summary>Completes when its command has ended; never faults.</summary>
    Task<ProcessExit> Exited { get; }

    /// <summary>Completes with <see langword="true"/> when a listening socket that belongs to this dyno, and to no other process, is bound to <see cref="Endpoint"/>; with <see langword="false"/> when the dyno ended first.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    ValueTask<bool> WaitUntilListeningAsync(CancellationToken cancellationToken = default);

    /// <summary>Where the dyno listens now, whatever it is, as it sees it itself: tells a user who bound a wrong port or, inside a network of its own, only the loopback address.</summary>
    IReadOnlyList<IPEndPoint> ListListening();

    /// <summary>The other end of its input and output; <see langword="null"/> if <see cref="DynoSpec.Streams"/> is <see cref="DynoStreams.Log"/>.</summary>
    DynoAttachment? Attachment { get; }

    /// <summary>What it uses now; <see langword="null"/> if it has ended or the engine cannot tell.</summary>
    ProcessUsage? Measure();

    /// <summary>Sends a signal to every process of the dyno.</summary>
    /// <param name="signal">The signal.</param>
    void SignalAll(ProcessSignal signal);

    /// <summary>Kills every process of the dyno and returns when none is left.</summary>
    /// <param name="cancellationToken">Gives up the wait; the kill has been sent all the same.</param>
    ValueTask KillTreeAsync(CancellationToken cancellationToken = default);
}
