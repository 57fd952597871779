using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Reads a tar archive (ustar, pax, GNU; plain, gzip or zstd) front to back with bounded memory. The reader of the framework allocates
/// what a header claims, and decodes names in a way that cannot be checked afterwards.
/// </summary>
internal sealed class TarStreamReader : IArchiveReader
{
    private const int Block = 512;
    private const int LongestExtension = 64 * 1024;
    private const int BufferLength = 64 * 1024;
    private readonly Stream _stream;
    private readonly bool _owned;
    private readonly long _limit;
    private readonly byte[] _header = new byte[Block];
    private readonly byte[] _buffer = new byte[BufferLength];
    private int _start;
    private int _end;
    private long _total;
    private long _remaining;
    private int _padding;

    private TarStreamReader(Stream stream, bool owned, long limit)
    {
        _stream = stream;
        _owned = owned;
        _limit = limit;
    }

    /// <summary>Looks whether the stream is compressed, and begins.</summary>
    /// <param name="source">The archive; it stays open.</param>
    /// <param name="limit">How many unpacked bytes are read at most, headers included.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<TarStreamReader> OpenAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        var start = new byte[4];
        var length = await source.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (length == 0)
        {
            throw new ArchiveFormatException("The archive is empty.");
        }

        var whole = new PrefixedStream(start.AsMemory(0, length), source);
        Stream? unpacked = start switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(whole, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd] => new ZstdReadStream(
                Zstd.Installed ?? throw new ArchiveFormatException("The archive is compressed with zstd, and this machine has no libzstd 1.4 or later to read it."), whole),
            _ => null,
        };
        return unpacked is null ? new TarStreamReader(whole, owned: false, limit) : new TarStreamReader(new ReadAheadStream(unpacked), owned: true, limit);
    }

    public async ValueTask<ArchiveEntry?> NextAsync(CancellationToken cancellationToken)
    {
        var extension = new TarExtension();
        while (true)
        {
            await SkipAsync(_remaining + _padding, cancellationToken).ConfigureAwait(false);
            await FillAsync(_header, cancellationToken).ConfigureAwait(false);
            if (!_header.AsSpan().ContainsAnyExcept((byte)0))
            {
                return await EndAsync(cancellationToken).ConfigureAwait(false);
            }

            var header = new TarHeader(_header);
            header.ThrowIfDamaged();
            var size = extension.Size ?? header.Size;
            if (header.TypeFlag is 'x' or 'g' or 'L' or 'K')
            {
                Begin(header.Size);
                var data = await ReadExtensionAsync(header, cancellationToken).ConfigureAwait(false);
                extension.Add(header.TypeFlag, data);
                continue;
            }

            var name = extension.Name ?? header.Name;
            var kind = extension.IsSparse ? ArchiveEntryKind.Unsupported : header.KindOf(name);
            Begin(kind is ArchiveEntryKind.File or ArchiveEntryKind.Unsupported ? size : 0);
            return new ArchiveEntry(kind, header.TypeFlag, name, extension.LinkTarget ?? header.LinkTarget, _remaining, header.Mode);
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_remaining == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        var piece = await TakeAsync(Math.Min(buffer.Length, _remaining), cancellationToken).ConfigureAwait(false);
        piece.CopyTo(buffer);
        _remaining -= piece.Length;
        return piece.IsEmpty ? throw CutOff() : piece.Length;
    }

    public ValueTask DisposeAsync() => _owned ? _stream.DisposeAsync() : ValueTask.CompletedTask;

    private static ArchiveFormatException CutOff() => new("The archive is cut off: it ends in the middle of an entry or without an end mark.");

    private void Begin(long size)
    {
        if (size > _limit)
        {
            throw new ArchiveTooLargeException(_limit);
        }

        _remaining = size;
        _padding = (int)(-size & (Block - 1));
    }

    private async ValueTask<byte[]> ReadExtensionAsync(TarHeader header, CancellationToken cancellationToken)
    {
        // A global header speaks of the archive as a whole (git: the commit) and is only skipped.
        if (header.TypeFlag == 'g')
        {
            return [];
        }

        if (_remaining > LongestExtension)
        {
            throw new ArchiveFormatException($"The archive holds a header of {_remaining} bytes; up to {LongestExtension} are read.");
        }

        var data = new byte[_remaining];
        await FillAsync(data, cancellationToken).ConfigureAwait(false);
        _remaining = 0;
        return data;
    }

    private async ValueTask<ArchiveEntry?> EndAsync(CancellationToken cancellationToken)
    {
        // To the end: a writer on a pipe must not be cut off, and gzip's checksum stands behind the last byte.
        while (!(await TakeAsync(BufferLength, cancellationToken).ConfigureAwait(false)).IsEmpty)
        {
            // Only padding is left.
        }

        return null;
    }

    private async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            var skipped = (await TakeAsync(count, cancellationToken).ConfigureAwait(false)).Length;
            count = skipped > 0 ? count - skipped : throw CutOff();
        }

        _remaining = 0;
        _padding = 0;
    }

    private async ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var piece = await TakeAsync(buffer.Length - filled, cancellationToken).ConfigureAwait(false);
            piece.CopyTo(buffer[filled..]);
            filled = piece.IsEmpty ? throw CutOff() : filled + piece.Length;
        }
    }

    /// <summary>The next bytes, up to so many; empty at the end. They are valid until the next call.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> TakeAsync(long most, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            try
            {
                (_start, _end) = (0, await _stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false));
            }
            catch (InvalidDataException)
            {
                throw new ArchiveFormatException("The archive is damaged or cut off: its compressed bytes cannot be read.");
            }
        }

        var piece = _buffer.AsMemory(_start, (int)Math.Min(most, _end - _start));
        _start += piece.Length;
        _total += piece.Length;
        return _total <= _limit ? piece : throw new ArchiveTooLargeException(_limit);
    }
}
