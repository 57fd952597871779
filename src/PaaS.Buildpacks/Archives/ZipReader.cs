using System.Buffers.Binary;
using System.IO.Compression;

namespace PaaS.Buildpacks;

/// <summary>
/// Reads a zip archive by its central directory, one record at a time, with bounded memory. What local headers say must agree with it, and
/// contents stand in its order without overlapping: an archive that two programs would read differently, or that says the same bytes
/// a thousand times, is refused.
/// </summary>
internal sealed class ZipReader : IArchiveReader
{
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const int LongestComment = ushort.MaxValue;
    private const int UnixFileTypes = 0b1111_000_000_000_000;
    private const int UnixLink = 0b1010_000_000_000_000;
    private const int UnixDirectory = 0b0100_000_000_000_000;
    private const int UnixFile = 0b1000_000_000_000_000;
    private readonly Stream _archive;
    private readonly long _limit;
    private readonly byte[] _header = new byte[CentralLength];
    private long _next;
    private long _end;
    private long _entriesLeft;
    private long _contentFrom;
    private long _total;
    private ZipContent? _content;

    private ZipReader(Stream archive, long limit) => (_archive, _limit) = (archive, limit);

    /// <summary>Looks for the central directory.</summary>
    /// <param name="archive">The archive, seekable; it stays open.</param>
    /// <param name="limit">How many unpacked bytes are read at most, headers included.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveFormatException">There is none, or it is damaged.</exception>
    public static async ValueTask<ZipReader> OpenAsync(Stream archive, long limit, CancellationToken cancellationToken)
    {
        var reader = new ZipReader(archive, limit);
        await reader.FindDirectoryAsync(cancellationToken).ConfigureAwait(false);
        return reader;
    }

    public async ValueTask<ArchiveEntry?> NextAsync(CancellationToken cancellationToken)
    {
        if (_content is { } unread)
        {
            await unread.SkipAsync(cancellationToken).ConfigureAwait(false);
            _content = null;
        }

        if (_entriesLeft-- == 0)
        {
            return _next == _end ? null : throw Damaged("its directory is longer than its entries");
        }

        var record = await ReadRecordAsync(cancellationToken).ConfigureAwait(false);
        var start = await CheckLocalAsync(record, cancellationToken).ConfigureAwait(false);
        Take(record.Size);
        Take(LocalLength + CentralLength + (2 * record.Name.Length));
        _content = new ZipContent(_archive, start, record);
        _contentFrom = start + record.Compressed;
        var kind = KindOf(record);
        var target = kind == ArchiveEntryKind.SymbolicLink ? await ReadTargetAsync(record, cancellationToken).ConfigureAwait(false) : [];
        return new ArchiveEntry(kind, '\0', record.Name, target, record.Size, (int)(record.Attributes >> 16));
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _content is null ? ValueTask.FromResult(0) : _content.ReadAsync(buffer, cancellationToken);

    public ValueTask DisposeAsync() => _content?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static ArchiveFormatException Damaged(string what) => new($"The zip archive is damaged: {what}.");

    private static ArchiveEntryKind KindOf(ZipRecord record)
    {
        var isDirectory = record.Name[^1] == '/';
        var type = record.IsUnix ? (int)(record.Attributes >> 16) & UnixFileTypes : 0;
        return type switch
        {
            UnixLink when !isDirectory => ArchiveEntryKind.SymbolicLink,
            UnixDirectory => ArchiveEntryKind.Directory,
            0 or UnixFile => isDirectory ? ArchiveEntryKind.Directory : ArchiveEntryKind.File,
            _ => ArchiveEntryKind.Special,
        };
    }

    private async ValueTask<byte[]> ReadTargetAsync(ZipRecord record, CancellationToken cancellationToken)
    {
        if (record.Size >= 4096)
        {
            throw ArchivePath.Rejected(record.Name, "it is a symbolic link whose target is too long. Make the link again.");
        }

        var target = new byte[record.Size];
        for (var filled = 0; filled < target.Length;)
        {
            filled += await _content!.ReadAsync(target.AsMemory(filled), cancellationToken).ConfigureAwait(false);
        }

        return target;
    }

    /// <summary>The record at the end of the file says where the directory is. Only a comment may stand behind it.</summary>
    private async ValueTask FindDirectoryAsync(CancellationToken cancellationToken)
    {
        var length = _archive.Length;
        var tail = new byte[Math.Min(length, EndLength + LongestComment)];
        await FillAsync(length - tail.Length, tail, cancellationToken).ConfigureAwait(false);
        var at = tail.Length - EndLength;
        while (at >= 0 && !(U32(tail, at) == 0x06054b50 && at + EndLength + U16(tail, at + 20) == tail.Length))
        {
            at--;
        }

        if (at < 0)
        {
            throw new ArchiveFormatException("The zip archive is cut off: its directory at the end is missing.");
        }

        var end = length - tail.Length + at;
        var (disk, entries, size, offset) = (U16(tail, at + 4) | U16(tail, at + 6), (long)U16(tail, at + 10), (long)U32(tail, at + 12), (long)U32(tail, at + 16));
        if (entries == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue)
        {
            (entries, size, offset, end) = await ReadEnd64Async(end, cancellationToken).ConfigureAwait(false);
            disk = 0;
        }

        if (disk != 0)
        {
            throw new ArchiveFormatException("The zip archive is one of several parts. Pack it as one file.");
        }

        if (offset < 0 || size < 0 || offset + size != end)
        {
            throw Damaged("its directory is not where its end says");
        }

        if (entries == 0)
        {
            throw new ArchiveFormatException("The archive is empty.");
        }

        (_next, _end, _entriesLeft) = (offset, end, entries);
    }

    private async ValueTask<(long Entries, long Size, long Offset, long End)> ReadEnd64Async(long end, CancellationToken cancellationToken)
    {
        var locator = new byte[LocatorLength];
        await FillAsync(end - LocatorLength, locator, cancellationToken).ConfigureAwait(false);
        var at = (long)U64(locator, 8);
        var record = new byte[End64Length];
        if (U32(locator, 0) != 0x07064b50 || U32(locator, 4) != 0 || at != end - LocatorLength - End64Length)
        {
            throw Damaged("its ZIP64 records are not understood");
        }

        await FillAsync(at, record, cancellationToken).ConfigureAwait(false);
        return U32(record, 0) == 0x06064b50 && U64(record, 4) == End64Length - 12 && U32(record, 16) == 0 && U32(record, 20) == 0
            ? ((long)U64(record, 32), (long)U64(record, 40), (long)U64(record, 48), at)
            : throw Damaged("its ZIP64 records are not understood");
    }

    private async ValueTask<ZipRecord> ReadRecordAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_next, _header, cancellationToken).ConfigureAwait(false);
        if (U32(_header, 0) != 0x02014b50 || U16(_header, 28) == 0)
        {
            throw Damaged("a record of its directory cannot be read");
        }

        var name = new byte[U16(_header, 28)];
        var extra = new byte[U16(_header, 30)];
        await FillAsync(_next + CentralLength, name, cancellationToken).ConfigureAwait(false);
        await FillAsync(_next + CentralLength + name.Length, extra, cancellationToken).ConfigureAwait(false);
        _next += CentralLength + name.Length + extra.Length + U16(_header, 32);
        if (_next > _end)
        {
            throw Damaged("a record of its directory cannot be read");
        }

        var record = new ZipRecord(name)
        {
            IsUnix = _header[5] == 3,
            Flags = U16(_header, 8),
            Method = U16(_header, 10),
            Crc = U32(_header, 16),
            Compressed = U32(_header, 20),
            Size = U32(_header, 24),
            Attributes = U32(_header, 38),
            Offset = U32(_header, 42),
        };
        record = record.WithExtra(extra);
        record.ThrowIfUnreadable();
        return record;
    }

    /// <summary>Gives where the content starts, if the header before it agrees with the directory.</summary>
    private async ValueTask<long> CheckLocalAsync(ZipRecord record, CancellationToken cancellationToken)
    {
        var header = new byte[LocalLength];
        if (record.Offset < _contentFrom || record.Offset + LocalLength > _archive.Length)
        {
            throw Damaged($"the content of '{TreeName.Of(record.Name)}' overlaps another's or is out of order");
        }

        await FillAsync(record.Offset, header, cancellationToken).ConfigureAwait(false);
        var name = new byte[U16(header, 26)];
        await FillAsync(record.Offset + LocalLength, name, cancellationToken).ConfigureAwait(false);
        if (U32(header, 0) != 0x04034b50 || U16(header, 8) != record.Method || !name.AsSpan().SequenceEqual(record.Name))
        {
            throw Damaged($"its directory and the header of '{TreeName.Of(record.Name)}' disagree");
        }

        var start = record.Offset + LocalLength + name.Length + U16(header, 28);
        return record.Compressed <= _archive.Length - start ? start : throw new ArchiveFormatException("The zip archive is cut off: an entry's content is missing.");
    }

    private void Take(long bytes)
    {
        if (bytes > _limit || (_total += bytes) > _limit)
        {
            throw new ArchiveTooLargeException(_limit);
        }
    }

    private async ValueTask FillAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (offset < 0)
        {
            throw new ArchiveFormatException("The zip archive is cut off.");
        }

        _archive.Position = offset;
        if (await _archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < buffer.Length)
        {
            throw new ArchiveFormatException("The zip archive is cut off.");
        }
    }

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
