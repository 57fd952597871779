using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>A decision about an app, as it stands in the app's stream.</summary>
public abstract record AppEvent
{
    private AppEvent()
    {
    }

    /// <summary>The app exists from now on.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">Its name, reserved in the catalog before.</param>
    /// <param name="UserId">The user id for its processes.</param>
    public sealed record Created(AppId Id, AppName Name, int UserId) : AppEvent;

    /// <summary>The app has another name.</summary>
    /// <param name="Name">The new name.</param>
    public sealed record Renamed(AppName Name) : AppEvent;

    /// <summary>The app is gone.</summary>
    public sealed record Destroyed : AppEvent;

    /// <summary>A release was made; it is pending.</summary>
    /// <param name="ReleaseId">Its id in the API.</param>
    /// <param name="Version">Its number.</param>
    /// <param name="Cause">Why.</param>
    /// <param name="Description">What happened, as people read it.</param>
    public sealed record ReleaseCreated(Guid ReleaseId, ReleaseVersion Version, ReleaseCause Cause, string Description) : AppEvent;

    /// <summary>The oldest pending release became the current one.</summary>
    /// <param name="Version">Its number.</param>
    public sealed record ReleaseSucceeded(ReleaseVersion Version) : AppEvent;

    /// <summary>The oldest pending release did not get ready.</summary>
    /// <param name="Version">Its number.</param>
    /// <param name="Reason">Why, as people read it.</param>
    public sealed record ReleaseFailed(ReleaseVersion Version, string Reason) : AppEvent;

    /// <summary>Quantities or sizes were changed.</summary>
    /// <param name="Entries">The process types that changed, with what is wanted now; of <c>release</c> only the size counts.</param>
    public sealed record FormationChanged(ImmutableArray<FormationEntry> Entries) : AppEvent;

    /// <summary>A job of the scheduler was made or changed.</summary>
    /// <param name="Job">The job as it is now.</param>
    public sealed record JobSet(ScheduledJob Job) : AppEvent;

    /// <summary>A job of the scheduler was removed.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record JobRemoved(Guid Id) : AppEvent;

    /// <summary>How the app is built was changed.</summary>
    /// <param name="Settings">The settings as they are now.</param>
    public sealed record BuildChanged(BuildSettings Settings) : AppEvent;

    /// <summary>Maintenance began or ended.</summary>
    /// <param name="IsOn">Whether the app is in maintenance now.</param>
    public sealed record MaintenanceChanged(bool IsOn) : AppEvent;

    /// <summary>How routers treat the app was changed.</summary>
    /// <param name="Settings">The settings as they are now.</param>
    public sealed record RoutingChanged(RouteSettings Settings) : AppEvent;

    /// <summary>Slugs were given up. The store may not hold them any more; a later deploy of the same content brings one back.</summary>
    /// <param name="Slugs">The slugs.</param>
    public sealed record SlugsGivenUp(ImmutableArray<SlugId> Slugs) : AppEvent;
}

/// <summary>Who caused an event, and when.</summary>
/// <param name="By">Who.</param>
/// <param name="Time">When.</param>
public readonly record struct EventOrigin(Actor By, DateTimeOffset Time);
