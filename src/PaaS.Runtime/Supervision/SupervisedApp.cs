using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>The app that a supervisor looks after.</summary>
/// <param name="Id">The app.</param>
/// <param name="Name">Its name.</param>
/// <param name="Hosts">The host names that lead to it, lower-case, without port.</param>
/// <param name="UserId">The user id that its dynos run as; <see langword="null"/> for the host's own user.</param>
public sealed record SupervisedApp(AppId Id, AppName Name, ImmutableArray<string> Hosts, int? UserId = null)
{
    /// <summary>Whether routers answer with its maintenance page.</summary>
    public bool Maintenance { get; init; }

    /// <summary>What routers do differently for it.</summary>
    public RouteSettings Settings { get; init; } = RouteSettings.Default;
}
