using System.Diagnostics;
using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

public sealed class SourceArchiveTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private string App => _temp["app"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Files_directories_and_links_are_unpacked()
    {
        var tar = new TarBuilder().Directory("lib/").File("lib/a.js", "a").File("run", "r", 0b111_101_101).Link("current", "lib").Tar();

        await SourceArchive.ExtractAsync(tar, App);

        Assert.Equal("a", File.ReadAllText(_temp["app/lib/a.js"]));
        Assert.Equal("lib", new FileInfo(_temp["app/current"]).LinkTarget);
        Assert.True(File.GetUnixFileMode(_temp["app/run"]).HasFlag(UnixFileMode.OtherExecute));
        Assert.False(File.GetUnixFileMode(_temp["app/lib/a.js"]).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(App));
    }

    [Fact]
    public async Task A_gzip_archive_is_recognised_by_its_bytes()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().File("a", "1").Gzip(), App);

        Assert.Equal("1", File.ReadAllText(_temp["app/a"]));
    }

    [Fact]
    public async Task Directories_that_have_no_entry_are_made()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().File("./a/b/c", "1").Tar(), App);

        Assert.Equal("1", File.ReadAllText(_temp["app/a/b/c"]));
    }

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("../outside", "'..'")]
    [InlineData("a/../../outside", "'..'")]
    [InlineData("a/..", "'..'")]
    public async Task A_name_that_leads_outside_is_refused(string name, string why)
    {
        var refusal = await RefusedAsync(new TarBuilder().File("first").File(name).Tar());

        Assert.Contains(name, refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
        Assert.False(File.Exists(_temp["outside"]));
    }

    [Fact]
    public async Task A_pax_name_that_leads_outside_is_refused()
    {
        Assert.Contains("'..'", await RefusedAsync(new TarBuilder().Pax('x', "path", "../outside").File("innocent").Tar()), StringComparison.Ordinal);
        Assert.Contains("NUL", await RefusedAsync(new TarBuilder().Pax('x', "path", "a\0b").File("innocent").Tar()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GNU_long_name_that_leads_outside_is_refused()
    {
        var tar = new TarBuilder().Entry('L', "././@LongLink", content: "../outside\0"u8.ToArray()).File("innocent").Tar();

        Assert.Contains("'..'", await RefusedAsync(tar), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        Directory.CreateDirectory(_temp["outside"]);
        var tar = new TarBuilder().Link("door", _temp["outside"]).File("door/planted").Tar();

        Assert.Contains("symbolic link", await RefusedAsync(tar), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp["outside"]));
    }

    [Fact]
    public async Task Nothing_is_written_through_a_chain_of_links()
    {
        Directory.CreateDirectory(_temp["outside"]);
        var tar = new TarBuilder().Directory("d/").Link("d/up", "..").Link("d/upper", "up/..").File("d/upper/outside/planted").Tar();

        Assert.Contains("symbolic link", await RefusedAsync(tar), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp["outside"]));
    }

    [Fact]
    public async Task A_directory_entry_does_not_pass_for_a_link_of_its_name()
    {
        Directory.CreateDirectory(_temp["outside"]);
        var tar = new TarBuilder().Link("door", _temp["outside"]).Directory("door/").File("door/planted").Tar();

        Assert.Contains("symbolic link", await RefusedAsync(tar), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp["outside"]));
    }

    [Fact]
    public async Task A_file_does_not_overwrite_through_a_link_of_its_name()
    {
        File.WriteAllText(_temp["victim"], "untouched");
        var tar = new TarBuilder().Link("a", _temp["victim"]).File("a", "overwritten").Tar();

        Assert.Contains("two entries", await RefusedAsync(tar), StringComparison.Ordinal);
        Assert.Equal("untouched", File.ReadAllText(_temp["victim"]));
    }

    [Fact]
    public async Task A_hard_link_becomes_a_copy_of_an_earlier_file()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().File("d/a", "1", 0b111_101_101).HardLink("b", "d/a").Tar(), App);

        File.WriteAllText(_temp["app/d/a"], "changed");
        Assert.Equal("1", File.ReadAllText(_temp["app/b"]));
        Assert.True(File.GetUnixFileMode(_temp["app/b"]).HasFlag(UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../secret")]
    [InlineData("later")]
    [InlineData("link")]
    [InlineData("dir")]
    public async Task A_hard_link_to_anything_but_an_earlier_file_is_refused(string target)
    {
        File.WriteAllText(_temp["secret"], "s");

        await RefusedAsync(new TarBuilder().Link("link", _temp["secret"]).Directory("dir/").HardLink("stolen", target).File("later").Tar());
    }

    [Theory]
    [InlineData('3')]
    [InlineData('4')]
    [InlineData('6')]
    [InlineData('S')]
    [InlineData('V')]
    public async Task Devices_FIFOs_and_exotic_entries_are_refused(char type) =>
        Assert.Contains("'odd'", await RefusedAsync(new TarBuilder().Entry(type, "odd").Tar()), StringComparison.Ordinal);

    [Fact]
    public async Task Special_bits_are_dropped()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().File("su", "x", 0b111_111_101_101).Entry('5', "sticky/", mode: 0b111_111_111_111).Tar(), App);

        var plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal(plain, File.GetUnixFileMode(_temp["app/su"]));
        Assert.Equal(plain, File.GetUnixFileMode(_temp["app/sticky"]));
    }

    [Fact]
    public async Task Two_entries_of_one_name_are_refused() =>
        Assert.Contains("two entries", await RefusedAsync(new TarBuilder().File("a", "1").File("a", "2").Tar()), StringComparison.Ordinal);

    [Fact]
    public async Task A_file_below_a_file_is_refused() =>
        Assert.Contains("is a file", await RefusedAsync(new TarBuilder().File("a").File("a/b").Tar()), StringComparison.Ordinal);

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_refused() =>
        Assert.Contains("UTF-8", await RefusedAsync(new TarBuilder().Entry('0', [(byte)'a', 0xff, (byte)'b']).Tar()), StringComparison.Ordinal);

    [Fact]
    public async Task A_truncated_archive_is_refused_wherever_it_is_cut()
    {
        var whole = new TarBuilder().File("a", new string('x', 700)).File("b").Tar().ToArray();
        for (var length = 0; length <= whole.Length - 1024; length += 64)
        {
            await RefusedAsync(new MemoryStream(whole[..length]));
        }

        Assert.Contains("cut off", await RefusedAsync(new TarBuilder().File("a").Tar(ended: false)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_compressed_archive_is_refused_or_else_complete()
    {
        var noise = Convert.ToHexString(new Random(1).GetItems<byte>([1, 20, 55, 90, 200], 3000));
        var whole = new TarBuilder().File("a", noise).File("b", "the last").Gzip().ToArray();
        var refused = 0;
        for (var length = 0; length < whole.Length; length += 13)
        {
            var directory = _temp[$"cut{length}"];
            try
            {
                await SourceArchive.ExtractAsync(new MemoryStream(whole[..length]), directory);
                Assert.Equal("the last", File.ReadAllText(Path.Combine(directory, "b")));
            }
            catch (SourceRejectedException)
            {
                refused++;
                Assert.False(Directory.Exists(directory));
            }
        }

        // Only a cut in the padding behind the end mark goes unnoticed.
        Assert.InRange(refused, (whole.Length / 13) - 8, whole.Length);
    }

    [Fact]
    public async Task What_is_no_archive_is_refused()
    {
        Assert.Contains("not a tar archive", await RefusedAsync(new MemoryStream(Encoding.UTF8.GetBytes(new string('z', 2000)))), StringComparison.Ordinal);
        Assert.Contains("empty", await RefusedAsync(new MemoryStream()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_in_the_compressed_bytes_is_noticed()
    {
        var bytes = new TarBuilder().File("a", new string('y', 5000)).Gzip().ToArray();
        bytes[^6] ^= 0x55;

        await RefusedAsync(new MemoryStream(bytes));
    }

    [Fact]
    public async Task Any_bytes_are_unpacked_or_refused_but_never_escape()
    {
        var random = new Random(20);
        var good = new TarBuilder().Directory("d/").File("d/a", "1").Link("d/l", "a").HardLink("h", "d/a").Pax('x', "path", "long").File("s").Tar().ToArray();
        for (var round = 0; round < 400; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            // Mended, so that the damage gets past the checksum.
            for (var at = 0; at + 512 <= bytes.Length; at += 512)
            {
                if (bytes[at + 257] == (byte)'u')
                {
                    bytes.AsSpan(at + 148, 8).Fill((byte)' ');
                    Encoding.ASCII.GetBytes(Convert.ToString(bytes.AsSpan(at, 512).ToArray().Sum(static b => b), 8).PadLeft(7, '0')).CopyTo(bytes, at + 148);
                }
            }

            var directory = _temp[$"fuzz{round}"];
            try
            {
                await SourceArchive.ExtractAsync(new MemoryStream(bytes), directory);
                Directory.Delete(directory, recursive: true);
            }
            catch (SourceRejectedException)
            {
                Assert.False(Directory.Exists(directory));
            }
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp.Path));
    }

    [Fact]
    public async Task Git_and_desktop_leftovers_are_left_out()
    {
        var tar = new TarBuilder().File(".git/config").File(".gitmodules").File("sub/.git", "gitdir: x").File(".DS_Store").File(".gitignore").Tar();

        await SourceArchive.ExtractAsync(tar, App);

        Assert.Equal([".gitignore"], Directory.EnumerateFileSystemEntries(App).Select(Path.GetFileName));
    }

    [Fact]
    public async Task One_folder_around_everything_is_taken_off_when_asked()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().Pax('g', "comment", "abc").Directory("repo-1a2b/").File("repo-1a2b/package.json").File("repo-1a2b/repo-1a2b").Gzip(), App, stripSingleRoot: true);

        Assert.True(File.Exists(_temp["app/package.json"]));
        Assert.True(File.Exists(_temp["app/repo-1a2b"]));
    }

    [Fact]
    public async Task Several_top_entries_stay_where_they_are()
    {
        await SourceArchive.ExtractAsync(new TarBuilder().File("a/x").File("b").Tar(), App, stripSingleRoot: true);

        Assert.True(File.Exists(_temp["app/a/x"]));
    }

    [Fact]
    public async Task What_git_archive_writes_is_read()
    {
        var repository = _temp["repository"];
        Directory.CreateDirectory(repository);
        var longName = string.Join('/', Enumerable.Repeat(new string('n', 60), 4)) + "/file.txt";
        Tree.Write(repository, ("package.json", "{}"), (longName, "deep"), ("é ü.txt", "u"));
        File.CreateSymbolicLink(Path.Combine(repository, "l"), "package.json");
        Git(repository, "init", "-q");
        Git(repository, "add", ".");
        Git(repository, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "first");
        Git(repository, "archive", "-o", _temp["source.tar"], "HEAD");
        await using var tar = File.OpenRead(_temp["source.tar"]);

        await SourceArchive.ExtractAsync(tar, App);

        Directory.Delete(Path.Combine(repository, ".git"), recursive: true);
        Assert.Equal(Tree.Describe(repository), Tree.Describe(App));
    }

    [Fact]
    public async Task A_directory_that_exists_is_never_unpacked_into()
    {
        Directory.CreateDirectory(App);
        File.WriteAllText(_temp["app/mine"], "m");

        await Assert.ThrowsAnyAsync<IOException>(async () => await SourceArchive.ExtractAsync(new TarBuilder().File("a").Tar(), App));
        Assert.Equal("m", File.ReadAllText(_temp["app/mine"]));
    }

    [Fact]
    public async Task A_cancelled_extraction_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await SourceArchive.ExtractAsync(new TarBuilder().File("a").Tar(), App, cancellationToken: cancelled.Token));
        Assert.False(Directory.Exists(App));
    }

    private async Task<string> RefusedAsync(Stream archive, SourceLimits? limits = null)
    {
        var refusal = await Assert.ThrowsAsync<SourceRejectedException>(async () => await SourceArchive.ExtractAsync(archive, App, limits));
        Assert.False(Directory.Exists(App));
        return refusal.Message;
    }

    private static void Git(string directory, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = directory })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
