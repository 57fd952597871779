namespace PaaS.Hosting;

/// <summary>
/// How long slugs are kept. As long as the disk has room, all are, as on Heroku. When it runs short, those are removed, oldest first,
/// that no app runs and that are not among the newest <see cref="KeptReleases"/> a rollback can name.
/// </summary>
public sealed record SlugRetentionOptions
{
    private readonly int _keptReleases = 20;

    /// <summary>How many of an app's newest releases keep their slugs whatever happens: 1 to 10,000. Default 20.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another number.</exception>
    public int KeptReleases
    {
        get => _keptReleases;
        init => _keptReleases = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Slugs of 1 to 10,000 releases are kept.");
    }

    /// <summary>Old slugs are removed when less than this is free. Default: a tenth of the disk, 10 GiB at most.</summary>
    public FreeSpace SweepBelow { get; init; } = new(0.10, 10L << 30);

    /// <summary>Removing ends when so much is free. Default: 15 % of the disk, 15 GiB at most.</summary>
    public FreeSpace SweepUntil { get; init; } = new(0.15, 15L << 30);

    /// <summary>Builds are refused, with a message, when less than this is free and no slug can be removed. Default: 3 % of the disk, 2 GiB at most.</summary>
    public FreeSpace RefuseBelow { get; init; } = new(0.03, 2L << 30);
}

/// <summary>An amount of free disk space: a share of the disk or a number of bytes, whichever is less.</summary>
/// <param name="Share">The share, 0 to 1.</param>
/// <param name="Bytes">The most bytes.</param>
public readonly record struct FreeSpace(double Share, long Bytes)
{
    /// <summary>How many bytes that is.</summary>
    /// <param name="totalBytes">The size of the disk.</param>
    public long On(long totalBytes) => Math.Min((long)(totalBytes * Share), Bytes);
}
