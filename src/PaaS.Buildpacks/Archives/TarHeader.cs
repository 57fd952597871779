using System.Buffers.Binary;

namespace PaaS.Buildpacks;

/// <summary>The 512 bytes in front of an entry.</summary>
internal readonly struct TarHeader(byte[] block)
{
    public char TypeFlag => (char)block[156];

    public long Size => Number(block.AsSpan(124, 12));

    public int Mode => (int)(Number(block.AsSpan(100, 8)) & 0xfff);

    public byte[] LinkTarget => Text(block.AsSpan(157, 100)).ToArray();

    public byte[] Name
    {
        get
        {
            var name = Text(block.AsSpan(0, 100));
            // GNU's own format keeps times where ustar keeps the front part of a long name.
            var prefix = block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(block.AsSpan(345, 155)) : default;
            return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        }
    }

    public ArchiveEntryKind KindOf(ReadOnlySpan<byte> name) => TypeFlag switch
    {
        '0' or '\0' when name.EndsWith("/"u8) => ArchiveEntryKind.Directory,
        '0' or '\0' or '7' => ArchiveEntryKind.File,
        '1' => ArchiveEntryKind.HardLink,
        '2' => ArchiveEntryKind.SymbolicLink,
        '3' or '4' or '6' => ArchiveEntryKind.Special,
        '5' => ArchiveEntryKind.Directory,
        _ => ArchiveEntryKind.Unsupported,
    };

    /// <exception cref="ArchiveFormatException">The checksum is wrong, or the size is no number.</exception>
    public void ThrowIfDamaged()
    {
        long sum = 0, signedSum = 0;
        for (var i = 0; i < block.Length; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : block[i];
            sum += value;
            signedSum += (sbyte)value;
        }

        var stated = Number(block.AsSpan(148, 8));
        if ((stated != sum && stated != signedSum) || Size < 0)
        {
            throw new ArchiveFormatException("This is not a tar archive, or it is damaged: a header's checksum does not match.");
        }
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;

    /// <summary>An octal number, or GNU's big-endian form; -1 for anything else.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
        {
            return field.Length > 8 && field[1..^8].ContainsAnyExcept((byte)0) ? -1 : BinaryPrimitives.ReadInt64BigEndian(Last8(field));
        }

        long value = 0;
        foreach (var c in field.Trim(" \0"u8))
        {
            if (c is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            value = (value << 3) | (uint)(c - '0');
        }

        return value;
    }

    private static byte[] Last8(ReadOnlySpan<byte> field)
    {
        var number = new byte[8];
        field[Math.Max(1, field.Length - 8)..].CopyTo(number.AsSpan(8 - Math.Min(field.Length - 1, 8)));
        return number;
    }
}
