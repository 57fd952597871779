namespace PaaS.Hosting;

/// <summary>The life of a build.</summary>
public enum BuildStatus
{
    /// <summary>It waits for a turn, builds, or its release is getting ready.</summary>
    Pending,

    /// <summary>Its release succeeded.</summary>
    Succeeded,

    /// <summary>It, or its release, failed.</summary>
    Failed,
}

/// <summary>A build as it stands now.</summary>
/// <param name="Id">Its id.</param>
/// <param name="App">The app.</param>
/// <param name="By">Who wanted it.</param>
/// <param name="Version">What the builder calls the source: a commit, or any text of the uploader's.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Slug">What it built.</param>
/// <param name="Release">The release it made.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="CreatedAt">When it was wanted.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record Build(
    Guid Id, AppId App, Actor By, string? Version, BuildStatus Status, Slug? Slug, ReleaseVersion? Release, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A build under way or ended: its newest snapshot, and its output from the first line on.</summary>
internal sealed class BuildRecord(Build build, TimeProvider time)
{
    /// <summary>Lines of output kept per build. A build that prints more loses its oldest lines.</summary>
    private const int OutputLines = 20_000;
    private Build _build = build;

    public Build Build => Volatile.Read(ref _build);

    /// <summary>The output: a log of its own, which ends with the build.</summary>
    public LogStream Output { get; private set; } = new(time, OutputLines);

    /// <summary>Forgets the output of an old build.</summary>
    public void DropOutput()
    {
        Output = new LogStream(time, 1);
        Output.Complete();
    }

    public void Update(Func<Build, Build> change)
    {
        var next = change(Build) with { UpdatedAt = time.GetUtcNow() };
        Volatile.Write(ref _build, next);
        if (next.Status != BuildStatus.Pending)
        {
            Output.Complete();
        }
    }
}
