namespace PaaS.Buildpacks;

/// <summary>
/// Packs a built app: a tar.gz or tar.zst with everything below <c>./app/</c>. The bytes depend on names, contents, link targets and
/// the executable bit alone, so the same tree has the same digest whoever built it, when and in which order, on however many processors,
/// with a cache or without. Sockets, FIFOs and devices are left out. The tree may be changed by strangers meanwhile: no link is ever followed.
/// </summary>
public static class SlugArchive
{
    /// <summary>The largest tree that is packed, before compression: 4 GiB.</summary>
    public const long MaxUnpackedBytes = 4L << 30;

    /// <summary>The most files, directories and links: 1,000,000.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>How many names a path may have: 256.</summary>
    public const int MaxDepth = 256;

    /// <summary>What unpacking accepts: whatever packing makes.</summary>
    internal static SourceLimits Limits { get; } = new() { TotalBytes = MaxUnpackedBytes + (MaxEntries * 8192L), Entries = MaxEntries + 2, Depth = MaxDepth + 1, PathLength = 8192 };

    /// <summary>Packs a directory.</summary>
    /// <param name="directory">The app's root.</param>
    /// <param name="destination">Where the archive goes; it stays open.</param>
    /// <param name="options">Format, limit and cache; <see langword="null"/> for <see cref="SlugArchiveOptions.Default"/>.</param>
    /// <param name="cancellationToken">Gives up. The cache stays usable.</param>
    /// <returns>How large it is, and what was left out.</returns>
    /// <exception cref="SlugArchiveException">The tree is too large, or was changed while it was read.</exception>
    /// <exception cref="PlatformNotSupportedException">The format needs a library that this machine does not have.</exception>
    public static async ValueTask<SlugArchiveResult> WriteAsync(
        string directory, Stream destination, SlugArchiveOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(destination);
        options ??= SlugArchiveOptions.Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Processors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Processors, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(options.CacheBytes);
        using var packing = new SlugPacking(directory, options);
        return await packing.RunAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks whether slugs of a format can be packed on this machine.</summary>
    /// <param name="format">The format.</param>
    /// <exception cref="PlatformNotSupportedException">They cannot; the message says what is missing.</exception>
    public static void ThrowIfNotSupported(SlugFormat format) => BlockCompressor.Of(format);
}
