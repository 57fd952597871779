using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>Something that somebody wants done to an app; <see cref="ReleaseLedger.Decide"/> says what comes of it.</summary>
public abstract record AppCommand
{
    private AppCommand()
    {
    }

    /// <summary>Make the app.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">Its name, already reserved.</param>
    /// <param name="UserId">The user id for its processes.</param>
    public sealed record Create(AppId Id, AppName Name, int UserId) : AppCommand;

    /// <summary>Give it another name, already reserved.</summary>
    /// <param name="Name">The new name.</param>
    public sealed record Rename(AppName Name) : AppCommand;

    /// <summary>End it.</summary>
    public sealed record Destroy : AppCommand;

    /// <summary>Release new code.</summary>
    /// <param name="Slug">What was built, already in the store.</param>
    /// <param name="Ref">The git ref that moves with it, if any.</param>
    public sealed record Deploy(Slug Slug, string? Ref) : AppCommand;

    /// <summary>Change config vars.</summary>
    /// <param name="Patch">The change.</param>
    public sealed record ChangeConfig(ConfigPatch Patch) : AppCommand;

    /// <summary>Go back to an earlier release.</summary>
    /// <param name="Target">Its number.</param>
    public sealed record Rollback(ReleaseVersion Target) : AppCommand;

    /// <summary>Change quantities and sizes.</summary>
    /// <param name="Updates">At least one update.</param>
    public sealed record Scale(ImmutableArray<FormationUpdate> Updates) : AppCommand;

    /// <summary>Make a job of the scheduler.</summary>
    /// <param name="Job">The job.</param>
    public sealed record CreateJob(ScheduledJob Job) : AppCommand;

    /// <summary>Change a job that was made by <see cref="CreateJob"/>.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Schedule">The new schedule; <see langword="null"/> keeps it.</param>
    /// <param name="Command">The new command; <see langword="null"/> keeps it.</param>
    /// <param name="Size">The new size; <see langword="null"/> keeps it.</param>
    public sealed record UpdateJob(Guid Id, CronSchedule? Schedule, string? Command, DynoSize? Size) : AppCommand;

    /// <summary>Remove a job that was made by <see cref="CreateJob"/>.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record RemoveJob(Guid Id) : AppCommand;

    /// <summary>Change how the app is built. No release is made by it; the next build follows it.</summary>
    /// <param name="Patch">The change.</param>
    public sealed record ChangeBuild(BuildPatch Patch) : AppCommand;

    /// <summary>Keep what detection found at a deploy that succeeded. Changes nothing if buildpacks are set already.</summary>
    /// <param name="Buildpacks">At least one.</param>
    public sealed record AdoptBuildpacks(ImmutableList<BuildpackReference> Buildpacks) : AppCommand;

    /// <summary>Give up slugs to free disk space: their releases stay in the list, and no rollback can name them any more. Those that <see cref="SlugRetention"/> keeps are left out.</summary>
    /// <param name="Slugs">The slugs.</param>
    /// <param name="KeptReleases">How many releases keep their slugs; see <see cref="SlugRetention.Needs"/>.</param>
    public sealed record GiveUpSlugs(ImmutableArray<SlugId> Slugs, int KeptReleases) : AppCommand;

    /// <summary>Put the app into maintenance, or take it out.</summary>
    /// <param name="IsOn">Whether it shall be in maintenance.</param>
    public sealed record SetMaintenance(bool IsOn) : AppCommand;

    /// <summary>Change how routers treat the app. No release is made by it; the next request follows it.</summary>
    /// <param name="Patch">The change.</param>
    public sealed record ChangeRouting(RoutePatch Patch) : AppCommand;

    /// <summary>The platform's verdict on the oldest pending release.</summary>
    /// <param name="Version">Its number.</param>
    /// <param name="Failure">Why it failed; <see langword="null"/> if it succeeded.</param>
    public sealed record Settle(ReleaseVersion Version, string? Failure) : AppCommand;
}

/// <summary>A wanted change of one process type.</summary>
/// <param name="Type">The process type; the app must have it.</param>
/// <param name="Quantity">The new quantity, or the change if <paramref name="IsRelative"/>; <see langword="null"/> keeps it.</param>
/// <param name="IsRelative">Whether the quantity is to be added to the present one.</param>
/// <param name="Size">The new size; <see langword="null"/> keeps it.</param>
public sealed record FormationUpdate(ProcessType Type, int? Quantity, bool IsRelative = false, DynoSize? Size = null);

/// <summary>What came of a command.</summary>
/// <param name="Events">What is to be recorded; empty if the command changes nothing.</param>
/// <param name="Refusal">Why it was refused; <see langword="null"/> if it was not.</param>
public sealed record Decision(ImmutableArray<AppEvent> Events, Refusal? Refusal)
{
    /// <summary>The command changes nothing.</summary>
    public static Decision Nothing { get; } = new([], null);

    /// <summary>The command is carried out.</summary>
    /// <param name="events">What is to be recorded.</param>
    public static Decision Accept(params ReadOnlySpan<AppEvent> events) => new([.. events], null);

    /// <summary>The command is refused.</summary>
    /// <param name="code">The code.</param>
    /// <param name="message">What, where, and how to mend it.</param>
    public static Decision Refuse(RefusalCode code, string message) => new([], new Refusal(code, message));
}

/// <summary>Why a command was refused: an expected outcome, not an exception.</summary>
/// <param name="Code">The kind.</param>
/// <param name="Message">What was wrong, where, and how to mend it.</param>
public sealed record Refusal(RefusalCode Code, string Message);

/// <summary>Kinds of refusal.</summary>
public enum RefusalCode
{
    /// <summary>What the command names does not exist, or is not the actor's to see.</summary>
    NotFound,

    /// <summary>The command is well formed and not possible.</summary>
    Invalid,

    /// <summary>Something else holds what the command wants.</summary>
    Conflict,

    /// <summary>The actor may not.</summary>
    Forbidden,
}
