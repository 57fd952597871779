using System.Collections.Immutable;
using System.Net;
using PaaS.Core;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Runtime.Tests;

/// <summary>An engine of which any call may hang or fail.</summary>
internal sealed class FaultyEngine : IDynoRuntime
{
    private ImmutableList<FaultyDyno> _dynos = [];

    public FakeDynoRuntime Engine { get; } = new();

    /// <summary>Whether <see cref="PrepareAsync"/> never returns, whatever it is told.</summary>
    public bool HangsInPrepare { get; set; }

    public int FailingKills { get; set; }

    public int FailingDisposals { get; set; }

    public ImmutableList<FaultyDyno> Dynos => Volatile.Read(ref _dynos);

    public ProcessIsolation Isolation => Engine.Isolation;

    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => Engine.ListAsync(cancellationToken);

    public ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default) =>
        HangsInPrepare ? new(new TaskCompletionSource().Task) : Engine.PrepareAsync(slug, userId, cancellationToken);

    public async ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        var dyno = new FaultyDyno((FakeDyno)await Engine.StartAsync(spec, cancellationToken)) { FailingKills = FailingKills, FailingDisposals = FailingDisposals };
        ImmutableInterlocked.Update(ref _dynos, dynos => dynos.Add(dyno));
        return dyno;
    }
}

/// <summary>A dyno that the engine fails to end so many times.</summary>
internal sealed class FaultyDyno(FakeDyno dyno) : IDyno
{
    private int _kills;
    private int _disposals;

    public int FailingKills { get; init; }

    public int FailingDisposals { get; init; }

    /// <summary>How often it was killed and disposed, failures included.</summary>
    public int Kills => Volatile.Read(ref _kills);

    public int Disposals => Volatile.Read(ref _disposals);

    public FakeDyno Fake => dyno;

    public DynoSpec Spec => dyno.Spec;

    public IPEndPoint? Endpoint => dyno.Endpoint;

    public Task<ProcessExit> Exited => dyno.Exited;

    public DynoAttachment? Attachment => dyno.Attachment;

    public ValueTask<bool> WaitUntilListeningAsync(CancellationToken cancellationToken = default) => dyno.WaitUntilListeningAsync(cancellationToken);

    public IReadOnlyList<IPEndPoint> ListListening() => dyno.ListListening();

    public ProcessUsage? Measure() => dyno.Measure();

    public void SignalAll(ProcessSignal signal) => dyno.SignalAll(signal);

    public ValueTask KillTreeAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _kills) <= FailingKills ? throw new IOException("The cgroup cannot be written.") : dyno.KillTreeAsync(cancellationToken);

    public ValueTask DisposeAsync() =>
        Interlocked.Increment(ref _disposals) <= FailingDisposals ? throw new IOException("The directory is busy.") : dyno.DisposeAsync();
}
