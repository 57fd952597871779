using System.IO.Compression;

namespace PaaS.Buildpacks;

/// <summary>The content of one entry of a zip archive: exactly as long as its record says, with the checksum that it says.</summary>
internal sealed class ZipContent : IAsyncDisposable
{
    private static readonly uint[] Crcs = [.. Enumerable.Range(0, 256).Select(static n => CrcOf((uint)n))];
    private readonly ZipRecord _record;
    private readonly Slice _slice;
    private readonly Stream _stream;
    private readonly byte[] _one = new byte[1];
    private long _left;
    private uint _crc = uint.MaxValue;
    private bool _ended;

    public ZipContent(Stream archive, long start, ZipRecord record)
    {
        _record = record;
        _left = record.Size;
        _slice = new Slice(archive, start, record.Compressed);
        _stream = record.IsDeflated ? new DeflateStream(_slice, CompressionMode.Decompress, leaveOpen: true) : _slice;
    }

    /// <summary>Reads; 0 at the end.</summary>
    /// <exception cref="ArchiveFormatException">It is damaged.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = (int)Math.Min(buffer.Length, _left);
            var read = wanted == 0 ? 0 : await _stream.ReadAsync(buffer[..wanted], cancellationToken).ConfigureAwait(false);
            if (read == 0 && _left > 0)
            {
                throw ZipReader.Damaged($"'{TreeName.Of(_record.Name)}' is shorter than its directory says");
            }

            _left -= read;
            Add(buffer.Span[..read]);
            if (_left == 0 && !_ended)
            {
                await EndAsync(cancellationToken).ConfigureAwait(false);
            }

            return read;
        }
        catch (InvalidDataException)
        {
            throw ZipReader.Damaged($"the compressed bytes of '{TreeName.Of(_record.Name)}' cannot be read");
        }
    }

    /// <summary>Reads what nobody wanted, so that its damage is found, too.</summary>
    public async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        do
        {
            await ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        while (_left > 0);
        await DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        _ended = true;
        if (_record.IsDeflated && await _stream.ReadAsync(_one, cancellationToken).ConfigureAwait(false) > 0)
        {
            throw ZipReader.Damaged($"'{TreeName.Of(_record.Name)}' is longer than its directory says");
        }

        if (~_crc != _record.Crc)
        {
            throw ZipReader.Damaged($"the checksum of '{TreeName.Of(_record.Name)}' is wrong");
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            _crc = Crcs[(byte)(_crc ^ b)] ^ (_crc >> 8);
        }
    }

    private static uint CrcOf(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
        }

        return value;
    }

    /// <summary>A stretch of the archive. The archive is read by others between two reads.</summary>
    private sealed class Slice(Stream archive, long start, long length) : ReadOnlyStream
    {
        private long _at;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            archive.Position = start + _at;
            var read = await archive.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - _at)], cancellationToken).ConfigureAwait(false);
            _at += read;
            return read;
        }
    }
}
