namespace PaaS.Hosting;

/// <summary>Who may do what: the one gate that every command and query passes before it sees an app.</summary>
public interface IAccessPolicy
{
    /// <summary>Decides. A refusal looks to the actor as if the app did not exist.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="action">What for.</param>
    /// <param name="app">The app; <see langword="null"/> for actions that concern none.</param>
    bool Allows(Actor actor, AccessAction action, App? app);
}

/// <summary>What can be done, as the policy tells it apart.</summary>
public enum AccessAction
{
    /// <summary>Create an app.</summary>
    CreateApp,

    /// <summary>See an app, its releases, formation and dynos.</summary>
    ViewApp,

    /// <summary>Rename an app.</summary>
    RenameApp,

    /// <summary>Destroy an app.</summary>
    DestroyApp,

    /// <summary>Read config vars.</summary>
    ReadConfig,

    /// <summary>Change config vars.</summary>
    ChangeConfig,

    /// <summary>Push or upload code and build it, cancel builds, purge their cache, and change how they are made.</summary>
    Deploy,

    /// <summary>Fetch the app's repository.</summary>
    FetchCode,

    /// <summary>Roll back.</summary>
    Rollback,

    /// <summary>Change quantities and sizes.</summary>
    Scale,

    /// <summary>Restart or stop dynos.</summary>
    ControlDynos,

    /// <summary>Run a command of one's own in a one-off dyno, with the app's code and config vars.</summary>
    RunDynos,

    /// <summary>Create, change or remove the scheduler's jobs, whose commands run with the app's code and config vars.</summary>
    ManageJobs,

    /// <summary>Read the log, and what the router knows of single requests.</summary>
    ReadLogs,

    /// <summary>Put an app into maintenance, and change how the router treats it.</summary>
    ManageRouting,
}

/// <summary>The default policy: an app is its owner's alone, and every known account may create apps.</summary>
public sealed class OwnerAccessPolicy : IAccessPolicy
{
    /// <inheritdoc/>
    public bool Allows(Actor actor, AccessAction action, App? app)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return app is null ? action == AccessAction.CreateApp : app.Owner.Account == actor.Account;
    }
}
