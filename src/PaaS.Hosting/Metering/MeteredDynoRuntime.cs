using System.Collections.Concurrent;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>The engine as one app has it: its dynos are counted, whoever starts them: formation, one-offs, release phase, scheduler.</summary>
/// <param name="engine">The engine.</param>
/// <param name="stream">Where starts and ends are recorded.</param>
/// <param name="time">The clock.</param>
internal sealed class MeteredDynoRuntime(IDynoRuntime engine, Func<DynoStream> stream, TimeProvider time) : IDynoRuntime
{
    private readonly ConcurrentDictionary<Guid, bool> _running = new();

    public ProcessIsolation Isolation => engine.Isolation;

    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => engine.ListAsync(cancellationToken);

    public ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default) => engine.PrepareAsync(slug, userId, cancellationToken);

    public async ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        var since = time.GetUtcNow();
        var dyno = await engine.StartAsync(spec, cancellationToken);
        _running[spec.Id] = true;
        stream().Append(new DynoEvent.Started(spec.Id, new RunningDyno(spec.Name.Type, spec.Size, since)));
        _ = CountAsync();
        return dyno;

        async Task CountAsync()
        {
            // Never faults.
            await dyno.Exited;
            End(spec.Id);
        }
    }

    /// <summary>Counts no further: the app leaves the host, and what it still runs is being killed.</summary>
    public void Close()
    {
        foreach (var dyno in _running.Keys)
        {
            End(dyno);
        }
    }

    private void End(Guid dyno)
    {
        if (_running.TryRemove(dyno, out _))
        {
            stream().Append(new DynoEvent.Ended(dyno, time.GetUtcNow()));
        }
    }
}
