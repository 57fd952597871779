using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Writes tar archives by hand, so that they can hold what no honest tool would write.</summary>
internal sealed class TarBuilder
{
    private readonly List<byte> _bytes = [];

    public TarBuilder File(string name, string content = "x", int mode = 0b110_100_100) => Entry('0', name, content: Encoding.UTF8.GetBytes(content), mode: mode);

    public TarBuilder Directory(string name) => Entry('5', name, mode: 0b111_101_101);

    public TarBuilder Link(string name, string target) => Entry('2', name, target);

    public TarBuilder HardLink(string name, string target) => Entry('1', name, target);

    public TarBuilder Entry(char type, string name, string target = "", byte[]? content = null, int mode = 0b110_100_100, long? size = null) =>
        Entry(type, Encoding.UTF8.GetBytes(name), target, content, mode, size);

    public TarBuilder Entry(char type, byte[] name, string target = "", byte[]? content = null, int mode = 0b110_100_100, long? size = null)
    {
        content ??= [];
        var block = new byte[512];
        name.AsSpan(0, Math.Min(100, name.Length)).CopyTo(block);
        Octal(block, 100, 8, mode);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, size ?? content.Length);
        Octal(block, 136, 12, 1_700_000_000);
        block[156] = (byte)type;
        Encoding.UTF8.GetBytes(target).CopyTo(block, 157);
        "ustar\00000"u8.CopyTo(block.AsSpan(257));
        block.AsSpan(148, 8).Fill((byte)' ');
        Octal(block, 148, 7, block.Sum(static b => b));
        _bytes.AddRange(block);
        _bytes.AddRange(content);
        _bytes.AddRange(new byte[-content.Length & 511]);
        return this;
    }

    /// <summary>A pax header for the next entry ('x') or the archive ('g').</summary>
    public TarBuilder Pax(char type, string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length = rest + 1;
        while (rest + length.ToString(CultureInfo.InvariantCulture).Length > length)
        {
            length++;
        }

        return Entry(type, "pax", content: Encoding.UTF8.GetBytes($"{length} {key}={value}\n"));
    }

    public MemoryStream Tar(bool ended = true)
    {
        var copy = new MemoryStream();
        copy.Write([.. _bytes]);
        copy.Write(new byte[ended ? 1024 : 0]);
        copy.Position = 0;
        return copy;
    }

    public MemoryStream Gzip()
    {
        var copy = new MemoryStream();
        using (var gzip = new GZipStream(copy, CompressionLevel.Fastest, leaveOpen: true))
        {
            Tar().CopyTo(gzip);
        }

        copy.Position = 0;
        return copy;
    }

    private static void Octal(byte[] block, int at, int length, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(length - 1, '0')).CopyTo(block, at);
}
