namespace PaaS.Runtime;

/// <summary>
/// Where dynos run. Everything Heroku-like (restart policy, boot time-out, SIGTERM before SIGKILL, formation, swap) stays
/// above this interface, in the supervisor; an engine only starts, signals, watches and removes.
/// </summary>
public interface IDynoRuntime
{
    /// <summary>What keeps its dynos apart from the machine and from each other.</summary>
    ProcessIsolation Isolation { get; }

    /// <summary>Lists the dynos of an earlier host that still run on this engine. An engine whose dynos die with the host has none.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Handles by which they are watched and ended; they have no attachment.</returns>
    ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes a slug ready on this engine, so that the starts that follow are quick. May be called again.</summary>
    /// <param name="slug">The slug.</param>
    /// <param name="userId">The user id that its dynos will run as; <see langword="null"/> for the host's own user.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SlugChecksumException">The stored slug has changed (R17).</exception>
    /// <exception cref="SlugNotFoundException">There is no such slug.</exception>
    ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default);

    /// <summary>Starts a dyno. Its output goes to <see cref="DynoSpec.Logs"/> line by line.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="cancellationToken">Gives up; nothing of the dyno is left.</param>
    /// <exception cref="ProcessStartException">It could not be started.</exception>
    /// <exception cref="SlugChecksumException">The stored slug has changed (R17).</exception>
    /// <exception cref="SlugNotFoundException">There is no such slug.</exception>
    ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default);
}
