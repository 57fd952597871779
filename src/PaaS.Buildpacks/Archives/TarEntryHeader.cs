using System.Buffers;
using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Writes headers of a tar archive in which nothing depends on when, where or by whom it is written: no times, no owners, two modes.
/// Names that ustar cannot hold get a pax header in front.
/// </summary>
internal static class TarEntryHeader
{
    /// <summary>Headers and the content of files are filled up to multiples of this.</summary>
    public const int Block = 512;

    private const int LongestName = 100;
    private const long LargestSize = 1L << 33;

    public static void WriteDirectory(IBufferWriter<byte> header, ReadOnlySpan<byte> name) => Write(header, '5', name, [], 0, 0b111_101_101);

    public static void WriteLink(IBufferWriter<byte> header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target) => Write(header, '2', name, target, 0, 0b111_111_111);

    public static void WriteFile(IBufferWriter<byte> header, ReadOnlySpan<byte> name, long size, bool executable) =>
        Write(header, '0', name, [], size, executable ? 0b111_101_101 : 0b110_100_100);

    /// <summary>How many bytes fill up the last block behind so many.</summary>
    public static int PaddingOf(long size) => (int)(-size & (Block - 1));

    private static void Write(IBufferWriter<byte> header, char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, long size, int mode)
    {
        if (name.Length > LongestName || target.Length > LongestName || size >= LargestSize)
        {
            WriteExtension(header, name, target, size);
        }

        WriteBlock(header, type, Cut(name), Cut(target), size < LargestSize ? size : 0, mode);
    }

    private static void WriteExtension(IBufferWriter<byte> header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, long size)
    {
        var records = new ArrayBufferWriter<byte>();
        AddRecord(records, "path"u8, name, name.Length > LongestName);
        AddRecord(records, "linkpath"u8, target, target.Length > LongestName);
        AddRecord(records, "size"u8, Encoding.ASCII.GetBytes(size.ToString(CultureInfo.InvariantCulture)), size >= LargestSize);
        WriteBlock(header, 'x', "././@PaxHeader"u8, default, records.WrittenCount, 0b110_100_100);
        header.Write(records.WrittenSpan);
        var padding = PaddingOf(records.WrittenCount);
        header.GetSpan(padding)[..padding].Clear();
        header.Advance(padding);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> name) => name[..Math.Min(name.Length, LongestName)];

    private static void AddRecord(ArrayBufferWriter<byte> records, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool needed)
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

        records.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
        records.Write(key);
        records.Write("="u8);
        records.Write(value);
        records.Write("\n"u8);
    }

    private static void WriteBlock(IBufferWriter<byte> header, char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, long size, int mode)
    {
        var block = header.GetSpan(Block)[..Block];
        block.Clear();
        name.CopyTo(block);
        Octal(block.Slice(100, 8), mode);
        Octal(block.Slice(108, 8), 0);
        Octal(block.Slice(116, 8), 0);
        Octal(block.Slice(124, 12), size);
        Octal(block.Slice(136, 12), 0);
        block.Slice(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        target.CopyTo(block[157..]);
        "ustar\u000000"u8.CopyTo(block[257..]);
        var sum = 0;

        // Behind the magic all is zero.
        foreach (var value in block[..265])
        {
            sum += value;
        }

        Octal(block.Slice(148, 7), sum);
        header.Advance(Block);
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
