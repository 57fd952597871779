using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>Where a block's compressed form is in a file, and what its bytes are checked against.</summary>
internal readonly record struct BlockEntry(UInt128 Name, long Offset, int Length, UInt128 Tag)
{
    /// <summary>How many bytes an entry takes.</summary>
    public const int Size = 16 + 8 + 4 + 16;

    public static BlockEntry Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt128LittleEndian(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt128LittleEndian(bytes[28..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, Name);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Length);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[28..], Tag);
    }
}

/// <summary>AES-GMAC: a hash under a key, as quick as reading.</summary>
internal static class BlockTag
{
    public const int Length = 16;

    /// <param name="key">16 bytes.</param>
    /// <param name="purpose">What it is for, so that a tag of one thing is none of another.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="tag">Takes 16 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> key, UInt128 purpose, ReadOnlySpan<byte> data, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(nonce, purpose);
        using var gcm = new AesGcm(key, Length);
        gcm.Encrypt(nonce[..12], [], [], tag, data);
    }

    public static UInt128 Compute(ReadOnlySpan<byte> key, UInt128 purpose, ReadOnlySpan<byte> data)
    {
        Span<byte> tag = stackalloc byte[Length];
        Compute(key, purpose, data, tag);
        return BinaryPrimitives.ReadUInt128LittleEndian(tag);
    }
}

/// <summary>A file of blocks: their bytes, a list of them, and at the very end how long the list is and its tag.</summary>
internal sealed class BlockSegment : IDisposable
{
    /// <summary>The list's length and its tag.</summary>
    public const int TrailerLength = sizeof(int) + BlockTag.Length;

    private const int MostEntries = 1 << 20;
    private readonly SafeFileHandle _file;

    private BlockSegment(SafeFileHandle file, long number, BlockEntry[] entries)
    {
        _file = file;
        Number = number;
        Length = RandomAccess.GetLength(file);
        Entries = entries;
    }

    /// <summary>The higher, the later.</summary>
    public long Number { get; }

    /// <summary>How many bytes it takes.</summary>
    public long Length { get; }

    /// <summary>What is in it.</summary>
    public IReadOnlyList<BlockEntry> Entries { get; }

    /// <summary>Whether it is to be removed soon.</summary>
    public bool IsOld { get; set; }

    /// <summary>Opens a file.</summary>
    /// <returns><see langword="null"/> if its list is not whole.</returns>
    public static BlockSegment? Open(string path, long number, ReadOnlySpan<byte> key)
    {
        var file = File.OpenHandle(path);
        try
        {
            if (ReadEntries(file, number, key) is { } entries)
            {
                return new BlockSegment(file, number, entries);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Reads a block and checks it.</summary>
    public bool TryRead(BlockEntry entry, MemoryStream packed, ReadOnlySpan<byte> key)
    {
        packed.SetLength(entry.Length);
        var bytes = packed.GetBuffer().AsSpan(0, entry.Length);
        return RandomAccess.Read(_file, bytes, entry.Offset) == entry.Length && BlockTag.Compute(key, entry.Name, bytes) == entry.Tag;
    }

    public void Dispose() => _file.Dispose();

    private static BlockEntry[]? ReadEntries(SafeFileHandle file, long number, ReadOnlySpan<byte> key)
    {
        var end = RandomAccess.GetLength(file) - TrailerLength;
        Span<byte> trailer = stackalloc byte[TrailerLength];
        if (end < 0 || RandomAccess.Read(file, trailer, end) != TrailerLength)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        if (count is < 0 or > MostEntries || (long)count * BlockEntry.Size > end)
        {
            return null;
        }

        var list = new byte[count * BlockEntry.Size];
        if (RandomAccess.Read(file, list, end - list.Length) != list.Length
            || BlockTag.Compute(key, (UInt128)number, list) != BinaryPrimitives.ReadUInt128LittleEndian(trailer[sizeof(int)..]))
        {
            return null;
        }

        var entries = new BlockEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = BlockEntry.Read(list.AsSpan(i * BlockEntry.Size));
        }

        return entries;
    }
}

/// <summary>Writes a file of blocks. Nothing has its name before it is whole.</summary>
internal sealed class BlockSegmentWriter : IDisposable
{
    private readonly string _unfinished;
    private readonly ReadOnlyMemory<byte> _key;
    private readonly SafeFileHandle _file;
    private readonly Dictionary<UInt128, BlockEntry> _entries = [];
    private bool _isFinished;

    public BlockSegmentWriter(string unfinished, ReadOnlyMemory<byte> key)
    {
        _unfinished = unfinished;
        _key = key;
        _file = File.OpenHandle(unfinished, FileMode.CreateNew, FileAccess.Write);
    }

    private long Length { get; set; }

    /// <summary>How many bytes the file will take with one more block.</summary>
    /// <param name="writer">The file; <see langword="null"/> for one that is not begun.</param>
    /// <param name="block">The block's length.</param>
    public static long LengthWith(BlockSegmentWriter? writer, int block) =>
        (writer?.Length ?? 0) + block + (((writer?._entries.Count ?? 0) + 1) * BlockEntry.Size) + BlockSegment.TrailerLength;

    /// <summary>Adds a block, unless it is there already.</summary>
    public void Add(UInt128 name, ReadOnlyMemory<byte> packed)
    {
        if (_entries.TryAdd(name, new BlockEntry(name, Length, packed.Length, BlockTag.Compute(_key.Span, name, packed.Span))))
        {
            RandomAccess.Write(_file, packed.Span, Length);
            Length += packed.Length;
        }
    }

    /// <summary>Ends the file and gives it its name, whose number is its last part.</summary>
    /// <returns>How many bytes it takes.</returns>
    public long Finish(string path)
    {
        var list = new byte[(_entries.Count * BlockEntry.Size) + BlockSegment.TrailerLength];
        var at = 0;
        foreach (var entry in _entries.Values)
        {
            entry.Write(list.AsSpan(at));
            at += BlockEntry.Size;
        }

        var number = (UInt128)long.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(at), _entries.Count);
        BlockTag.Compute(_key.Span, number, list.AsSpan(0, at), list.AsSpan(at + sizeof(int)));
        RandomAccess.Write(_file, list, Length);
        _file.Dispose();
        File.Move(_unfinished, path);
        _isFinished = true;
        return Length + list.Length;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_isFinished)
        {
            File.Delete(_unfinished);
        }
    }
}
