namespace PaaS.Buildpacks;

/// <summary>How a slug is packed. None of it but <see cref="Format"/> changes the bytes.</summary>
public sealed record SlugArchiveOptions
{
    /// <summary>The options when none are given: gzip, without a limit and without a cache.</summary>
    public static SlugArchiveOptions Default { get; } = new();

    /// <summary>The compression. Default gzip.</summary>
    public SlugFormat Format { get; init; }

    /// <summary>The largest archive in bytes, compressed. Default none; Heroku: 500 MB.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// An absolute path: where the compressed blocks of earlier packings are kept, of one app alone. It is made with mode 0700; nobody but
    /// the host may reach it, and only one packing at a time uses it. Default none.
    /// </summary>
    public string? CacheDirectory { get; init; }

    /// <summary>
    /// How many bytes of blocks are kept in <see cref="CacheDirectory"/> after a packing; those unused for longest go first. While it
    /// packs there may be twice as many. Default 512 MiB.
    /// </summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>How many processors compress at the same time, 1 to 64. Default as many as the machine has, but not more than 8. Each needs about 4 MiB of memory, and of zstd 30 MiB.</summary>
    public int Processors { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);
}
