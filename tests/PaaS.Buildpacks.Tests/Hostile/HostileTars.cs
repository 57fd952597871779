using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Hostile archives in the form of tar, plain and compressed.</summary>
internal static class HostileTars
{
    /// <summary>Names that are no path below the root.</summary>
    public static readonly string[] BadNames =
    [
        "/etc/planted", "//planted", "/../planted", "../planted", "../../../../../../tmp/planted", "a/../../planted", "a/..", "..", "./../planted", "a/b/../../../planted", "a/./../../planted", "../victim",
    ];

    public static IEnumerable<HostileArchive> All => [.. Names(), .. Links(), .. HardLinks(), .. Kinds(), .. Duplicates(), .. Numbers(), .. Truncated()];

    /// <summary>Every bad name, as every kind of entry, said in every way that tar has to say a name, plain and compressed.</summary>
    private static IEnumerable<HostileArchive> Names()
    {
        foreach (var name in BadNames)
        {
            foreach (var (kind, add) in Entries(name))
            {
                yield return new($"{kind} named {name}", _ => add(new TarBuilder().File("first")).Tar());
                yield return new($"compressed {kind} named {name}", _ => add(new TarBuilder().File("first")).Gzip());
            }

            yield return new($"pax name {name}", _ => new TarBuilder().Pax('x', "path", name).File("innocent").Tar());
            yield return new($"GNU long name {name}", _ => Long('L', name).File("innocent").Tar());
            yield return new($"pax over GNU name {name}", _ => Long('L', "innocent").Pax('x', "path", name).File("innocent").Tar());
            yield return new($"pax directory {name}", _ => new TarBuilder().Pax('x', "path", name).Directory("innocent/").Tar());
        }

        yield return new("name with NUL", _ => new TarBuilder().Pax('x', "path", "a\0b").File("innocent").Tar());
        yield return new("name that is not UTF-8", _ => new TarBuilder().Entry('0', [0xff, 0xfe, (byte)'a'], content: [1]).Tar());
        yield return new("name of 256 bytes", _ => new TarBuilder().Pax('x', "path", new string('n', 256)).File("innocent").Tar());
        yield return new("path of 5,000 bytes", _ => new TarBuilder().Pax('x', "path", string.Join('/', Enumerable.Repeat("directory", 500))).File("innocent").Tar());
        yield return new("path of 1,000 levels", _ => new TarBuilder().Pax('x', "path", string.Join('/', Enumerable.Repeat("d", 1000))).File("innocent").Tar());
    }

    private static IEnumerable<(string Kind, Func<TarBuilder, TarBuilder> Add)> Entries(string name) =>
    [
        ("file", tar => tar.File(name)),
        ("directory", tar => tar.Directory(name + "/")),
        ("link", tar => tar.Link(name, "first")),
        ("hard link", tar => tar.HardLink(name, "first")),
    ];

    /// <summary>A link first, then something written through it.</summary>
    private static IEnumerable<HostileArchive> Links()
    {
        string[] doors = ["/", "..", ".", "../..", "OUTSIDE", "OUTSIDE/open", "../open", "/proc/self/cwd", "/proc/self/root", "/dev/shm", "door", "elsewhere/not/there"];
        foreach (var door in doors)
        {
            Func<string, TarBuilder> start = outside => new TarBuilder().Directory("d/").File("d/f").Link("door", door.Replace("OUTSIDE", outside, StringComparison.Ordinal));
            yield return new($"file through a link to {door}", o => start(o).File("door/planted").Tar());
            yield return new($"file two levels through a link to {door}", o => start(o).File("door/open/planted").Gzip());
            yield return new($"directory through a link to {door}", o => start(o).Directory("door/planted/").Tar());
            yield return new($"link through a link to {door}", o => start(o).Link("door/planted", "/etc").Tar());
            yield return new($"hard link through a link to {door}", o => start(o).HardLink("door/planted", "d/f").Tar());
            yield return new($"hard link from behind a link to {door}", o => start(o).HardLink("copy", "door/victim").Tar());
            yield return new($"a directory that claims the place of a link to {door}", o => start(o).Directory("door/").File("door/planted").Tar());
            yield return new($"a file that claims the place of a link to {door}", o => start(o).File("door", "planted").Tar());
            yield return new($"a pax link to {door} and a file through it", o => new TarBuilder().Pax('x', "linkpath", door.Replace("OUTSIDE", o, StringComparison.Ordinal)).Link("door", "innocent").File("door/planted").Tar());
        }

        yield return new("a chain of links upwards", _ => new TarBuilder().Directory("d/").Link("d/up", "..").Link("d/upper", "up/..").File("d/upper/open/planted").Tar());
        yield return new("a long chain of links", _ => Enumerable.Range(0, 64).Aggregate(new TarBuilder(), static (tar, i) => tar.Link($"l{i}", i == 0 ? ".." : $"l{i - 1}")).File("l63/planted").Tar());
        yield return new("links that go in circles", _ => new TarBuilder().Link("a", "b").Link("b", "a").File("a/planted").Tar());
        yield return new("a link without a target", _ => new TarBuilder().Link("a", string.Empty).Tar());
        yield return new("a link with a NUL in its target", _ => new TarBuilder().Pax('x', "linkpath", "a\0b").Link("a", "x").Tar());
        yield return new("a link with a target of 5,000 bytes", _ => Long('K', new string('t', 5000)).Link("a", "x").Tar());
        yield return new("links that lead out and are used by nothing", _ => new TarBuilder().File("f").Link("etc", "/etc").Link("up", "../../..").Tar(), Refused: false);
    }

    private static IEnumerable<HostileArchive> HardLinks()
    {
        foreach (var target in (string[])["/etc/passwd", "../victim", "../../victim", "missing", "d", "self", "later", "door", ".", "d/../d/f", "d/f/below"])
        {
            yield return new($"hard link to {target}", _ => new TarBuilder().Directory("d/").File("d/f").Link("door", "..").HardLink("self", target).File("later").Tar());
        }
    }

    private static IEnumerable<HostileArchive> Kinds()
    {
        foreach (var type in "3467SMVDZ?")
        {
            yield return new($"entry of type {type}", _ => new TarBuilder().Entry(type, "odd").File("f").Tar(), Refused: type != '7');
            yield return new($"entry of type {type} over a file", _ => new TarBuilder().File("odd").Entry(type, "odd").Tar());
        }

        foreach (var mode in (int[])[0b100_111_101_101, 0b010_111_101_101, 0b001_111_111_111, 0b111_111_111_111])
        {
            yield return new($"mode {Convert.ToString(mode, 8)}", _ => new TarBuilder().File("tool", "x", mode).Entry('5', "d/", mode: mode).Tar(), Refused: false);
        }

        yield return new("sparse file of pax", _ => new TarBuilder().Pax('x', "GNU.sparse.major", "1").Pax('x', "GNU.sparse.realsize", "99999999999").File("sparse").Tar());
        yield return new("sparse file of pax, version 0", _ => new TarBuilder().Pax('x', "GNU.sparse.size", "99999999999").File("sparse").Tar());
    }

    private static IEnumerable<HostileArchive> Duplicates()
    {
        yield return new("a file twice", _ => new TarBuilder().File("a").File("a").Tar());
        yield return new("a file twice, once with a dot", _ => new TarBuilder().File("a").File("./a").Tar());
        yield return new("a directory, then a file", _ => new TarBuilder().Directory("a/").File("a").Tar());
        yield return new("a file, then a directory", _ => new TarBuilder().File("a").Directory("a/").Tar());
        yield return new("a file, then one below it", _ => new TarBuilder().File("a").File("a/b").Tar());
        yield return new("a link twice", _ => new TarBuilder().Link("a", "b").Link("a", "c").Tar());
        yield return new("a file, then a link of its name", _ => new TarBuilder().File("a").Link("a", "/etc").Tar());
        yield return new("a directory with content, then a link of its name", _ => new TarBuilder().File("a/b").Link("a", "/etc").Tar());
        yield return new("a directory twice", _ => new TarBuilder().Directory("a/").Directory("a/").Tar(), Refused: false);
    }

    /// <summary>Headers whose numbers lie.</summary>
    private static IEnumerable<HostileArchive> Numbers()
    {
        yield return new("a size of 8 GiB", _ => new TarBuilder().Entry('0', "big", size: (8L << 30) - 1).Tar());
        foreach (var size in (string[])["99999999999999", "9223372036854775807", "-1", "1e9", "", " 1", "18446744073709551615"])
        {
            yield return new($"a pax size of '{size}'", _ => new TarBuilder().Pax('x', "size", size).File("f").Tar());
        }

        foreach (var record in (string[])["9999 path=a\n", "3 a\n", "x path=a\n", "12 path=a", "0 =\n", "7 =a\n", "-5 a=b\n", "11 path=../"])
        {
            yield return new($"a pax record '{record.TrimEnd()}'", _ => new TarBuilder().Entry('x', "pax", content: Encoding.ASCII.GetBytes(record)).File("f").Tar());
        }

        foreach (var type in "xLK")
        {
            yield return new($"an extension {type} of 1 GiB", _ => new TarBuilder().Entry(type, "big", size: (1L << 30) - 1).Tar());
            yield return new($"an extension {type} at the end", _ => new TarBuilder().Entry(type, "end", content: "8 a=bcd\n"u8.ToArray()).Tar(ended: false));
        }

        yield return new("a checksum that is wrong", _ => Changed(new TarBuilder().File("f").Tar(), 0, 0xff));
        yield return new("a negative size in base 256", _ => Sized([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        yield return new("the largest size in base 256", _ => Sized([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        yield return new("a size that is no number", _ => Sized("zzzzzzzzzzz\0"u8.ToArray()));
        yield return new("nothing", _ => new MemoryStream());
        yield return new("noise", _ => Noise(4096, 1));
        yield return new("noise that begins as gzip", _ => new MemoryStream([0x1f, 0x8b, 8, 0, .. Noise(4096, 2).ToArray()]));
        yield return new("gzip within gzip", _ => Gzipped(new TarBuilder().File("f").Gzip()));
        yield return new("text", _ => new MemoryStream(Encoding.UTF8.GetBytes(new string('t', 2048))));
    }

    private static IEnumerable<HostileArchive> Truncated()
    {
        var whole = new TarBuilder().Directory("d/").File("d/a", new string('a', 1500)).Pax('x', "path", "d/long").File("b", "bbb").Link("l", "d/a").Gzip().ToArray();

        // The last bytes are gzip's checksum and length, behind all of the content.
        for (var i = 1; i <= 40; i++)
        {
            var length = (whole.Length - 32) * i / 40;
            yield return new($"cut off after {length} bytes", _ => new MemoryStream(whole[..length]));
        }

        var plain = new TarBuilder().File("a", new string('a', 1500)).File("b").Tar(ended: false).ToArray();
        foreach (var length in (int[])[1, 100, 511, 512, 513, 1024, 2000, 2048, 2559, 2560, 3000])
        {
            yield return new($"plain and cut off after {length} bytes", _ => new MemoryStream(plain[..Math.Min(length, plain.Length)]));
        }
    }

    private static TarBuilder Long(char type, string value) => new TarBuilder().Entry(type, "././@LongLink", content: Encoding.UTF8.GetBytes(value + "\0"));

    private static MemoryStream Sized(byte[] size)
    {
        var bytes = new TarBuilder().File("f").Tar().ToArray();
        size.CopyTo(bytes, 124);
        bytes.AsSpan(148, 8).Fill((byte)' ');
        var sum = bytes.AsSpan(0, 512).ToArray().Sum(static b => b);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0").CopyTo(bytes, 148);
        return new MemoryStream(bytes);
    }

    private static MemoryStream Changed(MemoryStream archive, int at, byte value)
    {
        archive.GetBuffer()[at] = value;
        return archive;
    }

    private static MemoryStream Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return new MemoryStream(bytes);
    }

    private static MemoryStream Gzipped(Stream stream)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.CopyTo(gzip);
        }

        packed.Position = 0;
        return packed;
    }
}
