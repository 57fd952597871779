using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Hostile archives in the form of zip.</summary>
internal static class HostileZips
{
    public static IEnumerable<HostileArchive> All => [.. Names(), .. Links(), .. Lies(), .. Truncated()];

    private static IEnumerable<HostileArchive> Names()
    {
        foreach (var name in HostileTars.BadNames)
        {
            yield return new($"zip: file named {name}", _ => new ZipBuilder().File("first").File(name).Zip());
            yield return new($"zip: deflated file named {name}", _ => new ZipBuilder().Entry(Encoding.UTF8.GetBytes(name), new byte[100], deflated: true).Zip());
            yield return new($"zip: directory named {name}", _ => new ZipBuilder().File("first").Directory(name + "/").Zip());
            yield return new($"zip: link named {name}", _ => new ZipBuilder().File("first").Link(name, "first").Zip());
            yield return new($"zip: {name} in the local header only", _ => new ZipBuilder().Entry("innocent"u8.ToArray(), [1], localName: Encoding.UTF8.GetBytes(name)).Zip());
        }

        yield return new("zip: backslashes", _ => new ZipBuilder().File("..\\..\\planted").Zip());
        yield return new("zip: a drive", _ => new ZipBuilder().File("C:\\planted").Zip());
        yield return new("zip: name with NUL", _ => new ZipBuilder().File("a\0b").Zip());
        yield return new("zip: name that is not UTF-8", _ => new ZipBuilder().Entry([0xff, 0xfe], [1]).Zip());
        yield return new("zip: name of 256 bytes", _ => new ZipBuilder().File(new string('n', 256)).Zip());
        yield return new("zip: path of 1,000 levels", _ => new ZipBuilder().File(string.Join('/', Enumerable.Repeat("d", 1000))).Zip());
        yield return new("zip: a name of nothing", _ => new ZipBuilder().File(string.Empty).Zip());
    }

    private static IEnumerable<HostileArchive> Links()
    {
        foreach (var door in (string[])["/", "..", "OUTSIDE", "OUTSIDE/open", "/proc/self/cwd", "door", "gone"])
        {
            Func<string, ZipBuilder> start = outside => new ZipBuilder().File("f").Link("door", door.Replace("OUTSIDE", outside, StringComparison.Ordinal));
            yield return new($"zip: file through a link to {door}", o => start(o).File("door/planted").Zip());
            yield return new($"zip: directory through a link to {door}", o => start(o).Directory("door/planted/").Zip());
            yield return new($"zip: link through a link to {door}", o => start(o).Link("door/planted", "/etc").Zip());
            yield return new($"zip: a file that claims the place of a link to {door}", o => start(o).File("door").Zip());
        }

        yield return new("zip: a link without a target", _ => new ZipBuilder().Link("a", string.Empty).Zip());
        yield return new("zip: a link with a NUL in its target", _ => new ZipBuilder().Link("a", "b\0c").Zip());
        yield return new("zip: a link with a target of 5,000 bytes", _ => new ZipBuilder().Link("a", new string('t', 5000)).Zip());
        yield return new("zip: a FIFO", _ => new ZipBuilder().File("pipe", mode: 0x11A4).Zip());
        yield return new("zip: a device", _ => new ZipBuilder().File("null", mode: 0x21A4).Zip());
        yield return new("zip: a socket", _ => new ZipBuilder().File("socket", mode: 0xC1A4).Zip());
        yield return new("zip: setuid", _ => new ZipBuilder().File("tool", mode: 0x8000 | 0b100_111_101_101).Zip(), Refused: false);
    }

    /// <summary>Records that lie about what follows.</summary>
    private static IEnumerable<HostileArchive> Lies()
    {
        yield return new("zip: a wrong checksum", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1, 2, 3], crc: 1).Zip());
        yield return new("zip: a wrong checksum of an entry that is left out", _ => new ZipBuilder().Entry(".DS_Store"u8.ToArray(), [1, 2, 3], crc: 1).File("f").Zip());
        yield return new("zip: stored content that says it is longer", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1, 2, 3], size: 300).Zip());
        yield return new("zip: deflated content that says it is longer", _ => new ZipBuilder().Entry("a"u8.ToArray(), new byte[50], deflated: true, size: 300).Zip());
        yield return new("zip: deflated content that says it is shorter", _ => new ZipBuilder().Entry("a"u8.ToArray(), new byte[500], deflated: true, size: 300).Zip());
        yield return new("zip: 4 GiB", _ => new ZipBuilder().Entry("a"u8.ToArray(), new byte[500], deflated: true, size: uint.MaxValue - 1).Zip());
        yield return new("zip: as long as numbers go, by ZIP64", _ => new ZipBuilder().Entry("a"u8.ToArray(), new byte[500], deflated: true, longSize: long.MaxValue).Zip());
        yield return new("zip: a little less, which headers make more, by ZIP64", _ => new ZipBuilder().Entry("a"u8.ToArray(), new byte[500], deflated: true, longSize: long.MaxValue - 40).Zip());
        yield return new("zip: encrypted", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1], flags: 1).Zip());
        yield return new("zip: packed by bzip2", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1], method: 12).Zip());
        yield return new("zip: packed by nothing known", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1], method: 99).Zip());
        yield return new("zip: two entries with one content", _ => new ZipBuilder().File("a").Entry("a"u8.ToArray(), [(byte)'x'], offset: 0).Zip());
        yield return new("zip: contents out of order", _ => new ZipBuilder().File("a").File("b").Entry("a"u8.ToArray(), [(byte)'x'], offset: 0).Zip());
        yield return new("zip: content behind the end", _ => new ZipBuilder().Entry("a"u8.ToArray(), [1], offset: 1 << 20).Zip());
        yield return new("zip: a file twice", _ => new ZipBuilder().File("a").File("a").Zip());
        yield return new("zip: a file below a file", _ => new ZipBuilder().File("a").File("a/b").Zip());
        yield return new("zip: fewer entries than it says", _ => new ZipBuilder().File("a").Zip(count: 7));
        yield return new("zip: more entries than it says", _ => new ZipBuilder().File("a").File("b").Zip(count: 1));
        yield return new("zip: as many entries as ZIP64 would have", _ => new ZipBuilder().File("a").Zip(count: ushort.MaxValue));
        yield return new("zip: no entries", _ => new ZipBuilder().Zip());
        yield return new("zip: a directory elsewhere", _ => new ZipBuilder().File("a").Zip(directoryOffset: 3));
        yield return new("zip: the second of several parts", _ => new ZipBuilder().File("a").Zip(disk: 1));
        yield return new("zip: another archive in its comment", _ => new ZipBuilder().File("a").Zip(comment: Encoding.Latin1.GetString(new ZipBuilder().File("../planted").Zip().ToArray())));
        yield return new("zip: a comment", _ => new ZipBuilder().File("a").Zip(comment: "as GitHub writes it"), Refused: false);
    }

    private static IEnumerable<HostileArchive> Truncated()
    {
        var whole = new ZipBuilder().Directory("d/").File("d/a", new string('a', 500)).Entry("b"u8.ToArray(), new byte[2000], deflated: true).Link("l", "d/a").Zip().ToArray();
        for (var i = 1; i <= 30; i++)
        {
            var length = whole.Length * i / 31;
            yield return new($"zip: cut off after {length} bytes", _ => new MemoryStream(whole[..length]));
        }
    }
}
