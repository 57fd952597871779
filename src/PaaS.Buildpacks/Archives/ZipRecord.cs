using System.Buffers.Binary;

namespace PaaS.Buildpacks;

/// <summary>What a zip archive's directory says of one entry.</summary>
/// <param name="Name">The name as bytes; never empty.</param>
internal sealed record ZipRecord(byte[] Name)
{
    private const int Encrypted = 1;
    private const int Stored = 0;
    private const int Deflated = 8;
    private const ushort Zip64 = 1;

    /// <summary>Whether <see cref="Attributes"/> hold a mode of Unix.</summary>
    public required bool IsUnix { get; init; }

    public required int Flags { get; init; }

    public required int Method { get; init; }

    public required uint Crc { get; init; }

    public required long Compressed { get; init; }

    public required long Size { get; init; }

    public required uint Attributes { get; init; }

    public required long Offset { get; init; }

    public bool IsDeflated => Method == Deflated;

    /// <summary>The record with the numbers that did not fit into 32 bits.</summary>
    public ZipRecord WithExtra(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
            {
                throw ZipReader.Damaged("an extra field cannot be read");
            }

            if (id == Zip64)
            {
                return WithLongNumbers(extra.Slice(4, length));
            }

            extra = extra[(4 + length)..];
        }

        return this;
    }

    /// <exception cref="SourceRejectedException">It is encrypted, packed in another way, or has a name of Windows.</exception>
    /// <exception cref="ArchiveFormatException">Its numbers make no sense.</exception>
    public void ThrowIfUnreadable()
    {
        if ((Flags & Encrypted) != 0)
        {
            throw ArchivePath.Rejected(Name, "it is encrypted. Pack without a password.");
        }

        if (Method is not (Stored or Deflated))
        {
            throw ArchivePath.Rejected(Name, $"it is packed by method {Method}, which is not read here. Pack with plain 'zip'.");
        }

        if (Name.Contains((byte)'\\'))
        {
            throw ArchivePath.Rejected(Name, "its name contains a backslash. Pack with a program that writes '/' between names.");
        }

        if (Compressed < 0 || Size < 0 || Offset < 0 || (Method == Stored && Compressed != Size))
        {
            throw ZipReader.Damaged($"the sizes of '{TreeName.Of(Name)}' make no sense");
        }
    }

    private ZipRecord WithLongNumbers(ReadOnlySpan<byte> field)
    {
        var (size, compressed, offset) = (Size, Compressed, Offset);
        size = Next(size, ref field);
        compressed = Next(compressed, ref field);
        offset = Next(offset, ref field);
        return this with { Size = size, Compressed = compressed, Offset = offset };

        static long Next(long number, ref ReadOnlySpan<byte> field)
        {
            if (number != uint.MaxValue)
            {
                return number;
            }

            if (field.Length < 8)
            {
                throw ZipReader.Damaged("a ZIP64 field is too short");
            }

            number = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
            return number;
        }
    }
}
