using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Writes zip archives by hand, so that they can hold what no honest tool would write.</summary>
internal sealed class ZipBuilder
{
    private readonly List<byte> _contents = [];
    private readonly List<byte> _directory = [];
    private int _count;

    public ZipBuilder File(string name, string content = "x", uint mode = 0x81A4) => Entry(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(content), mode);

    public ZipBuilder Link(string name, string target) => Entry(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(target), 0xA1FF);

    public ZipBuilder Directory(string name) => Entry(Encoding.UTF8.GetBytes(name), [], 0x41ED);

    /// <summary>Adds an entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its content.</param>
    /// <param name="mode">Its mode of Unix.</param>
    /// <param name="deflated">Whether it is compressed.</param>
    /// <param name="localName">The name in the local header, if it is to be another.</param>
    /// <param name="crc">The checksum, if it is to be wrong.</param>
    /// <param name="size">The size, if it is to be wrong.</param>
    /// <param name="flags">Flags of both headers.</param>
    /// <param name="method">The method, if it is to be wrong.</param>
    /// <param name="offset">Where the content is said to be, if not where it is.</param>
    /// <param name="longSize">The size that a ZIP64 field says.</param>
    public ZipBuilder Entry(
        byte[] name, byte[] content, uint mode = 0x81A4, bool deflated = false, byte[]? localName = null, uint? crc = null, uint? size = null, ushort flags = 0x800, ushort? method = null, uint? offset = null, long? longSize = null)
    {
        var packed = deflated ? Deflate(content) : content;
        var at = (uint)_contents.Count;
        var sum = crc ?? Crc(content);
        var header = new byte[26];
        U16(header, 0, 20);
        U16(header, 2, flags);
        U16(header, 4, method ?? (deflated ? (ushort)8 : (ushort)0));
        U32(header, 10, sum);
        U32(header, 14, (uint)packed.Length);
        U32(header, 18, longSize is null ? size ?? (uint)content.Length : uint.MaxValue);
        U16(header, 22, (ushort)(localName ?? name).Length);
        _contents.AddRange("PK\u0003\u0004"u8);
        _contents.AddRange(header);
        _contents.AddRange(localName ?? name);
        _contents.AddRange(packed);

        byte[] extra = longSize is null ? [] : [1, 0, 8, 0, .. BitConverter.GetBytes(longSize.Value)];
        U16(header, 22, (ushort)name.Length);
        U16(header, 24, (ushort)extra.Length);
        var tail = new byte[14];
        U32(tail, 6, mode << 16);
        U32(tail, 10, offset ?? at);
        _directory.AddRange("PK\u0001\u0002"u8);
        _directory.AddRange([20, 3]);
        _directory.AddRange(header);
        _directory.AddRange(tail);
        _directory.AddRange(name);
        _directory.AddRange(extra);
        _count++;
        return this;
    }

    /// <summary>The archive.</summary>
    /// <param name="comment">What stands behind it.</param>
    /// <param name="count">How many entries it says it has, if not as many as it has.</param>
    /// <param name="directoryOffset">Where it says its directory is, if not where it is.</param>
    /// <param name="disk">The number of its part.</param>
    public MemoryStream Zip(string comment = "", ushort? count = null, uint? directoryOffset = null, ushort disk = 0)
    {
        var end = new byte[18];
        U16(end, 0, disk);
        U16(end, 4, count ?? (ushort)_count);
        U16(end, 6, count ?? (ushort)_count);
        U32(end, 8, (uint)_directory.Count);
        U32(end, 12, directoryOffset ?? (uint)_contents.Count);
        U16(end, 16, (ushort)comment.Length);
        return new MemoryStream([.. _contents, .. _directory, .. "PK\u0005\u0006"u8, .. end, .. Encoding.ASCII.GetBytes(comment)]);
    }

    private static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>As gzip computes it: the four bytes before its last four.</summary>
    private static uint Crc(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        // Of nothing the framework's stream writes nothing.
        return packed.Length == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(packed.ToArray().AsSpan()[^8..^4]);
    }

    private static void U16(byte[] bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);

    private static void U32(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
