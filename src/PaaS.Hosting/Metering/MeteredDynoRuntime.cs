using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>An engine whose dynos are counted, whoever starts them: formation, one-offs, release phase, scheduler.</summary>
internal sealed class MeteredDynoRuntime(IDynoRuntime engine, DynoMeter meter, TimeProvider time) : IDynoRuntime
{
    public ProcessIsolation Isolation => engine.Isolation;

    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => engine.ListAsync(cancellationToken);

    public ValueTask PrepareAsync(SlugId slug, CancellationToken cancellationToken = default) => engine.PrepareAsync(slug, cancellationToken);

    public async ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        var since = time.GetUtcNow();
        var dyno = await engine.StartAsync(spec, cancellationToken);
        meter.Start(spec.App, spec.Id, new RunningDyno(spec.Name.Type, spec.Size, since));
        _ = EndAsync();
        return dyno;

        async Task EndAsync()
        {
            await dyno.Exited;
            meter.End(spec.App, spec.Id, time.GetUtcNow());
        }
    }
}
