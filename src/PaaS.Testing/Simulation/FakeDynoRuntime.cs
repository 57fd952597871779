using System.Collections.Immutable;
using System.Net;
using PaaS.Runtime;

namespace PaaS.Testing;

/// <summary>
/// A dyno runtime without processes: each dyno follows a script. Records every start. Two runtimes know nothing of each other.
/// Nothing listens on the endpoints it gives out.
/// </summary>
public sealed class FakeDynoRuntime : IDynoRuntime, IHealthProbe
{
    private readonly Lock _gate = new();
    private ImmutableList<FakeDyno> _dynos = [];
    private TaskCompletionSource _started = NewSignal();
    private int _lastPort = 20000;

    /// <summary>How a dyno that is about to start behaves; by default a release command succeeds at once, and all others are <see cref="DynoScript.Ready"/>.</summary>
    public Func<DynoSpec, DynoScript> Script { get; set; } = spec => spec.Name.Type == ProcessType.Release ? DynoScript.ExitsAfterReady(0) : DynoScript.Ready;

    /// <summary>Every dyno that was started, in order, whether it still runs or not.</summary>
    public ImmutableList<FakeDyno> Dynos => Volatile.Read(ref _dynos);

    /// <summary>The dynos that run.</summary>
    public IEnumerable<FakeDyno> Alive => Dynos.Where(dyno => dyno.IsAlive);

    /// <summary>Waits for a start.</summary>
    /// <param name="which">Which dyno is meant; it may have started already.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public async Task<FakeDyno> WaitForStartAsync(Func<FakeDyno, bool> which, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(which);
        while (true)
        {
            var started = Volatile.Read(ref _started);
            if (Dynos.Find(dyno => which(dyno)) is { } found)
            {
                return found;
            }

            await started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What it says of its isolation. Default: everything.</summary>
    public ProcessIsolation Isolation { get; set; } = (ProcessIsolation)(-1);

    /// <summary>None: nothing outlives the test.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => new([]);

    /// <inheritdoc/>
    public ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        cancellationToken.ThrowIfCancellationRequested();
        var script = Script(spec);
        if (script.StartFailure is { } reason)
        {
            throw new ProcessStartException(reason);
        }

        var endpoint = spec.Listens ? new IPEndPoint(IPAddress.Loopback, Interlocked.Increment(ref _lastPort)) : null;
        var dyno = new FakeDyno(spec, script, endpoint);
        TaskCompletionSource started;
        lock (_gate)
        {
            Volatile.Write(ref _dynos, _dynos.Add(dyno));
            (started, _started) = (_started, NewSignal());
        }

        started.TrySetResult();
        return new(dyno);
    }

    /// <summary>Answers as the dyno's script has it.</summary>
    /// <param name="address">The dyno's endpoint.</param>
    /// <param name="host">Not used.</param>
    /// <param name="check">Not used.</param>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<HealthAnswer> AskAsync(IPEndPoint address, string host, HealthCheck check, CancellationToken cancellationToken = default) =>
        new(Dynos.Find(dyno => address.Equals(dyno.Endpoint))?.AnswerHealth() ?? new HealthAnswer(false, "is not there"));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
