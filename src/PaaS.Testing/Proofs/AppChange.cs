namespace PaaS.Testing;

/// <summary>A change of a running app that <see cref="AppChanges"/> can make.</summary>
public enum AppChange
{
    /// <summary>Restart every dyno.</summary>
    Restart,

    /// <summary>Set the config var <see cref="AppChanges.ConfigVar"/>.</summary>
    Config,

    /// <summary>Scale web to ten dynos and back.</summary>
    Scale,

    /// <summary>Roll back to the release before.</summary>
    Rollback,

    /// <summary>Give web another size and then its own again.</summary>
    Size,
}
