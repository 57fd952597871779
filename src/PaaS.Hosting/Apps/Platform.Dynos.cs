using System.Collections.Immutable;
using PaaS.Runtime;

namespace PaaS.Hosting;

public sealed partial class Platform
{
    /// <summary>The dynos as they are now, by name: those of the formation and the one-off ones.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<ImmutableArray<Dyno>> ListDynos(Actor actor, string app) =>
        Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal)
            ? ImmutableArray.CreateRange(hosted.Supervisor.Dynos.Concat(hosted.OneOffs.Dynos).OrderBy(dyno => dyno.Name))
            : refusal;

    /// <summary>Starts a one-off dyno of the current release.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="request">What to run.</param>
    /// <param name="cancellationToken">Gives up the wait, not the start.</param>
    /// <returns>The dyno, as soon as it has a name; it may still fail to start.</returns>
    public async Task<Outcome<OneOffDyno>> RunAsync(Actor actor, string app, OneOffRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!Enter(actor, AccessAction.RunDynos, app).TryGet(out var hosted, out var refusal) || !request.TryMakeSpec(hosted.App, out var spec, out refusal))
        {
            return refusal;
        }

        if (spec.Size.Sleeps && FreeHours is { Level: FreeHoursLevel.UsedUp } hours)
        {
            return new Refusal(RefusalCode.Invalid, FreeHoursWatch.NoneLeft(hours, spec.Size));
        }

        try
        {
            var dyno = await hosted.OneOffs.StartAsync(spec, cancellationToken);
            hosted.Logs.Write(LogSource.App, "api", $"Starting process with command `{spec.Command}` by user {actor.Email}");
            return dyno;
        }
        catch (OneOffLimitException exception)
        {
            return new Refusal(RefusalCode.Invalid, exception.Message);
        }
        catch (ObjectDisposedException)
        {
            return new Refusal(RefusalCode.Conflict, "The app is being taken off the host. Nothing is started any more.");
        }
    }

    /// <summary>Restarts dynos of the formation by the swap procedure. Returns when it has begun. One-off dynos that are named, by name or type, are stopped: they are never started again.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="which">Which.</param>
    public Outcome<App> Restart(Actor actor, string app, DynoSelector which) =>
        Control(actor, app, which, static (supervisor, selector, token) => supervisor.RestartAsync(selector, token));

    /// <summary>Stops dynos; those of the formation are then started again, as on Heroku. Returns when it has begun. One-off dynos are meant only by their name or type.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="which">Which.</param>
    public Outcome<App> Stop(Actor actor, string app, DynoSelector which) =>
        Control(actor, app, which, static (supervisor, selector, token) => supervisor.StopAsync(selector, token));

    private Outcome<App> Control(Actor actor, string app, DynoSelector which, Func<DynoSupervisor, DynoSelector, CancellationToken, Task> act)
    {
        ArgumentNullException.ThrowIfNull(which);
        if (!Enter(actor, AccessAction.ControlDynos, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var formation = which == DynoSelector.All || hosted.Supervisor.Dynos.Any(dyno => which.Matches(dyno.Name));
        var oneOffs = which != DynoSelector.All && hosted.OneOffs.Dynos.Any(dyno => which.Matches(dyno.Name));
        if (!formation && !oneOffs)
        {
            return new Refusal(RefusalCode.NotFound, $"Couldn't find that dyno ({which}).");
        }

        if (formation)
        {
            Running.Background.Run(token => act(hosted.Supervisor, which, token));
        }

        if (oneOffs)
        {
            Running.Background.Run(token => hosted.OneOffs.StopAsync(which, token));
        }

        return hosted.App;
    }
}
