namespace PaaS.Buildpacks;

/// <summary>How much a source archive may hold. The numbers keep one push from filling the machine; ordinary apps are far below.</summary>
public sealed record SourceLimits
{
    /// <summary>The limits a platform starts with.</summary>
    public static SourceLimits Default { get; } = new();

    /// <summary>Unpacked bytes, the archive's own headers included. Default 1 GiB. Stops compression bombs while they unpack.</summary>
    public long TotalBytes { get; init; } = 1L << 30;

    /// <summary>Files, directories and links. Default 200,000.</summary>
    public int Entries { get; init; } = 200_000;

    /// <summary>Length of a path in bytes of UTF-8. Default 4,096, the longest that Linux takes.</summary>
    public int PathLength { get; init; } = 4096;

    /// <summary>How many names a path may have. Default 100.</summary>
    public int Depth { get; init; } = 100;
}
