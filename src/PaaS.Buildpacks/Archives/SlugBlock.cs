namespace PaaS.Buildpacks;

/// <summary>A piece of a slug's tar and its compressed form. Few of them are used again and again, so memory does not grow with the tree.</summary>
/// <param name="capacity">How many bytes of tar it takes.</param>
internal sealed class SlugBlock(int capacity)
{
    /// <summary>The bytes of tar; those behind <see cref="Length"/> mean nothing.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>How many bytes of tar there are.</summary>
    public int Length { get; set; }

    /// <summary>The same, compressed: one gzip member or zstd frame.</summary>
    public MemoryStream Packed { get; } = new(capacity / 4);

    /// <summary>What the cache calls it.</summary>
    public UInt128 Name { get; set; }

    /// <summary>Whether the compressed form came from the cache.</summary>
    public bool IsCached { get; set; }

    /// <summary>The bytes of tar.</summary>
    public ReadOnlySpan<byte> Content => Bytes.AsSpan(0, Length);
}

/// <summary>
/// How a tar is cut into blocks: by the entries' names alone as far as possible, so that a file more or less changes the blocks around
/// it and no others.
/// </summary>
/// <param name="Least">No block ends before it has so many bytes, unless what follows has no room in it.</param>
/// <param name="Beyond">How many bytes more it has on average.</param>
/// <param name="Most">No block has more. An entry that is larger has blocks of its own.</param>
internal readonly record struct BlockShape(int Least, int Beyond, int Most)
{
    /// <summary>Whether a block ends after an entry.</summary>
    /// <param name="length">The block's length with that entry.</param>
    /// <param name="path">The entry's path.</param>
    /// <param name="entry">The entry's length, at most <see cref="Most"/>.</param>
    public bool EndsAfter(int length, ReadOnlySpan<byte> path, int entry)
    {
        if (length < Least)
        {
            return false;
        }

        // FNV-1a and the final mix of MurmurHash3. It is the same on every machine; nothing is safe or unsafe by it.
        var hash = 14695981039346656037UL;
        foreach (var value in path)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        return hash >> 32 < ((ulong)entry << 32) / (ulong)Beyond;
    }
}
