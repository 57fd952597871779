using Microsoft.Extensions.Logging;
using PaaS.Buildpacks;
using PaaS.Routing;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>What every hosted app works with: the parts of one platform.</summary>
internal sealed record AppServices
{
    public required PaaSOptions Options { get; init; }

    public required IJournal Journal { get; init; }

    public required ISecretBox Secrets { get; init; }

    public required PinnedSlugStore Slugs { get; init; }

    /// <summary>Turns source into slugs; null where nothing is built.</summary>
    public SlugBuilder? Builder { get; init; }

    public required IDynoRuntime Runtime { get; init; }

    public required RouteTable Routes { get; init; }

    public required LogStreams Logs { get; init; }

    public required TimeProvider Time { get; init; }

    public required Random Random { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Whether tenants' processes get a user id of their own: only a host that is root can give them one.</summary>
    public required bool SeparatesUsers { get; init; }

    /// <summary>Where apps answer: for what people are shown.</summary>
    public required ApiAddresses Addresses { get; init; }

    /// <summary>Where uploaded source archives wait for their build; null if none are taken.</summary>
    public string? UploadsDirectory { get; init; }

    /// <summary>Where the output of release commands is kept, a directory per app; null keeps it as long as the host runs.</summary>
    public string? OutputsDirectory { get; init; }

    /// <summary>Where the output of builds is kept, a directory per app; null keeps the newest as long as the host runs.</summary>
    public string? BuildsDirectory { get; init; }

    /// <summary>Where the copies of apps' own pages are kept, a directory per app; null keeps them as long as the host runs.</summary>
    public string? PagesDirectory { get; init; }

    /// <summary>Fetches apps' own pages for errors and maintenance; null where none are fetched.</summary>
    public PageFetch? FetchPage { get; init; }

    /// <summary>What the router knows of its last requests; null where there is no router.</summary>
    public IRequestTrace? Requests { get; init; }

    /// <summary>Measures the disk that holds the slugs; null where none does.</summary>
    public Func<DiskSpace>? Disk { get; init; }

    /// <summary>When the host before this one was last alive, if it left a sign of that.</summary>
    public DateTimeOffset? LastAlive { get; init; }

    /// <summary>What else is to be removed with an app, beside its dynos, key and name: its repository.</summary>
    public Action<AppId> Forget { get; init; } = _ => { };
}
