namespace PaaS.Runtime;

/// <summary>One slug as files, owned by one user. Shared by every dyno that shows it; nobody writes to it.</summary>
internal sealed class UnpackedSlug(SlugId slug, int? userId, string path)
{
    public SlugId Slug { get; } = slug;

    public int? UserId { get; } = userId;

    /// <summary>The app's root on the host.</summary>
    public string Path { get; } = path;

    /// <summary>Completes when it is whole.</summary>
    public Task Unpacked { get; set; } = Task.CompletedTask;

    /// <summary>Gives the unpacking up.</summary>
    public CancellationTokenSource GiveUp { get; } = new();

    /// <summary>Who uses it or waits for it.</summary>
    public int Leases { get; set; }

    /// <summary>When it was last asked for, on a clock that counts askings.</summary>
    public long LastUse { get; set; }

    /// <summary>Its size on disk, roughly.</summary>
    public long Bytes { get; set; }
}
