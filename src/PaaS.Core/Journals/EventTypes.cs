namespace PaaS.Core;

/// <summary>The stable names of the events. A name, once written, means the same for ever.</summary>
public static class EventTypes
{
    /// <summary>An app was created.</summary>
    public const string AppCreated = "app.created";

    /// <summary>An app was renamed.</summary>
    public const string AppRenamed = "app.renamed";

    /// <summary>An app was destroyed.</summary>
    public const string AppDestroyed = "app.destroyed";

    /// <summary>A release was made.</summary>
    public const string ReleaseCreated = "release.created";

    /// <summary>A release became the current one.</summary>
    public const string ReleaseSucceeded = "release.succeeded";

    /// <summary>A release did not get ready.</summary>
    public const string ReleaseFailed = "release.failed";

    /// <summary>Quantities or sizes were changed.</summary>
    public const string FormationChanged = "formation.changed";

    /// <summary>A job of the scheduler was made or changed.</summary>
    public const string JobSet = "job.set";

    /// <summary>A job of the scheduler was removed.</summary>
    public const string JobRemoved = "job.removed";

    /// <summary>How an app is built was changed.</summary>
    public const string BuildChanged = "build.changed";

    /// <summary>Maintenance began or ended.</summary>
    public const string MaintenanceChanged = "maintenance.changed";

    /// <summary>How routers treat an app was changed.</summary>
    public const string RoutingChanged = "routing.changed";

    /// <summary>Slugs were given up to free disk space.</summary>
    public const string SlugsGivenUp = "slugs.given-up";

    /// <summary>A build as it stood then. Stands in the stream of an app's builds.</summary>
    public const string BuildRecorded = "build.recorded";

    /// <summary>The newest builds of an app as they stood then. Stands in the stream of an app's builds; what is before it counts no more.</summary>
    public const string BuildsSummarized = "builds.summarized";

    /// <summary>An occurrence of a job is about to run. Stands in the stream of an app's dynos.</summary>
    public const string JobStarted = "job.started";

    /// <summary>A dyno was started. Stands in the stream of an app's dynos.</summary>
    public const string DynoStarted = "dyno.started";

    /// <summary>A dyno has ended. Stands in the stream of an app's dynos.</summary>
    public const string DynoEnded = "dyno.ended";

    /// <summary>All that the events before it in the stream of an app's dynos say and that still counts.</summary>
    public const string DynosSummarized = "dynos.summarized";

    /// <summary>A name was reserved in the catalog.</summary>
    public const string NameReserved = "name.reserved";

    /// <summary>A name was given back.</summary>
    public const string NameReleased = "name.released";
}
