using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Writes a tar archive in which nothing depends on when, where or by whom it is written: no times, no owners, two modes. Bytes go
/// to the stream in blocks of one size, so that a compressor behind it always sees the same pieces.
/// </summary>
internal sealed class TarStreamWriter(Stream destination)
{
    private const int Block = 512;
    private readonly byte[] _buffer = new byte[128 * Block];
    private int _filled;

    /// <summary>How many bytes have been written, before compression.</summary>
    public long Written { get; private set; }

    public ValueTask WriteDirectoryAsync(byte[] name, CancellationToken cancellationToken) =>
        WriteHeaderAsync('5', name, [], 0, 0b111_101_101, cancellationToken);

    public ValueTask WriteLinkAsync(byte[] name, byte[] target, CancellationToken cancellationToken) =>
        WriteHeaderAsync('2', name, target, 0, 0b111_111_111, cancellationToken);

    /// <summary>Begins a file; exactly <paramref name="size"/> bytes have to follow through <see cref="WriteAsync"/>, then <see cref="PadAsync"/>.</summary>
    public ValueTask WriteFileHeaderAsync(byte[] name, long size, bool executable, CancellationToken cancellationToken) =>
        WriteHeaderAsync('0', name, [], size, executable ? 0b111_101_101 : 0b110_100_100, cancellationToken);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Written += data.Length;
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, _buffer.Length - _filled);
            data[..count].CopyTo(_buffer.AsMemory(_filled));
            data = data[count..];
            _filled += count;
            if (_filled == _buffer.Length)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Fills up the last block of a file.</summary>
    public ValueTask PadAsync(CancellationToken cancellationToken) => WriteAsync(new byte[(int)(-Written & (Block - 1))], cancellationToken);

    /// <summary>Writes the end mark.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(new byte[2 * Block], cancellationToken).ConfigureAwait(false);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await destination.WriteAsync(_buffer.AsMemory(0, _filled), cancellationToken).ConfigureAwait(false);
        _filled = 0;
    }

    private async ValueTask WriteHeaderAsync(char type, byte[] name, byte[] target, long size, int mode, CancellationToken cancellationToken)
    {
        using var records = new MemoryStream();
        AddRecord(records, "path", name, name.Length > 100);
        AddRecord(records, "linkpath", target, target.Length > 100);
        AddRecord(records, "size", Encoding.ASCII.GetBytes(size.ToString(CultureInfo.InvariantCulture)), size >= 1L << 33);
        if (records.Length > 0)
        {
            var data = records.ToArray();
            await WriteAsync(Header('x', "././@PaxHeader"u8, default, data.Length, 0b110_100_100), cancellationToken).ConfigureAwait(false);
            await WriteAsync(data, cancellationToken).ConfigureAwait(false);
            await PadAsync(cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(Header(type, Cut(name), Cut(target), size < 1L << 33 ? size : 0, mode), cancellationToken).ConfigureAwait(false);
    }

    private static ReadOnlySpan<byte> Cut(byte[] name) => name.AsSpan(0, Math.Min(name.Length, 100));

    private static void AddRecord(MemoryStream records, string key, byte[] value, bool needed)
    {
        if (!needed)
        {
            return;
        }

        // The length counts its own digits.
        var rest = key.Length + value.Length + 3;
        var length = rest + 1;
        while (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
        {
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
        }

        records.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}=")));
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    private static byte[] Header(char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, long size, int mode)
    {
        var block = new byte[Block];
        name.CopyTo(block);
        Octal(block.AsSpan(100, 8), mode);
        Octal(block.AsSpan(108, 8), 0);
        Octal(block.AsSpan(116, 8), 0);
        Octal(block.AsSpan(124, 12), size);
        Octal(block.AsSpan(136, 12), 0);
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        target.CopyTo(block.AsSpan(157));
        "ustar\00000"u8.CopyTo(block.AsSpan(257));
        var sum = 0;
        foreach (var value in block)
        {
            sum += value;
        }

        Octal(block.AsSpan(148, 7), sum);
        return block;
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        field[^1] = 0;
    }
}
