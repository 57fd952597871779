using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks.Tests;

public sealed class SlugArchiveTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_same_tree_has_the_same_digest_whatever_the_order_and_the_times()
    {
        var files = Enumerable.Range(0, 40).Select(static i => ($"d{i % 7}/f{i}", $"content {i}")).ToArray();
        Tree.Write(_temp["one"], files);
        Tree.Write(_temp["two"], [.. files.Reverse()]);
        foreach (var file in Directory.EnumerateFiles(_temp["two"], "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Equal(await DigestAsync("one"), await DigestAsync("two"));
    }

    [Fact]
    public async Task Content_name_link_target_and_executable_bit_change_the_digest()
    {
        Tree.Write(_temp["app"], ("a", "1"));
        File.CreateSymbolicLink(_temp["app/l"], "a");
        var seen = new HashSet<string> { await DigestAsync("app") };

        File.WriteAllText(_temp["app/a"], "2");
        Assert.True(seen.Add(await DigestAsync("app")));
        File.SetUnixFileMode(_temp["app/a"], File.GetUnixFileMode(_temp["app/a"]) | UnixFileMode.UserExecute);
        Assert.True(seen.Add(await DigestAsync("app")));
        File.Move(_temp["app/a"], _temp["app/b"]);
        Assert.True(seen.Add(await DigestAsync("app")));
        File.Delete(_temp["app/l"]);
        File.CreateSymbolicLink(_temp["app/l"], "b");
        Assert.True(seen.Add(await DigestAsync("app")));
        Directory.CreateDirectory(_temp["app/empty"]);
        Assert.True(seen.Add(await DigestAsync("app")));
    }

    [Fact]
    public async Task A_slug_unpacks_to_the_tree_it_was_made_of()
    {
        var longName = string.Join('/', Enumerable.Repeat(new string('n', 70), 5)) + "/" + new string('f', 200);
        Tree.Write(_temp["app"], ("Procfile", "web: x"), ("bin/run", "#!"), (longName, "deep"), ("ä ö.txt", "u"), ("big", new string('b', 300_000)), ("none", ""));
        File.SetUnixFileMode(_temp["app/bin/run"], (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(_temp["app/empty"]);
        File.CreateSymbolicLink(_temp["app/absolute"], "/etc/hostname");
        File.CreateSymbolicLink(_temp["app/dangling"], "../" + new string('x', 150));

        await UnpackAsync(await PackAsync("app"), "back");

        Assert.Equal(Tree.Describe(_temp["app"]), Tree.Describe(_temp["back"]));
    }

    [Fact]
    public async Task Another_reader_finds_everything_below_app_owned_by_root_without_times()
    {
        Tree.Write(_temp["app"], ("a/" + new string('n', 150), "1"), ("b", "2"));
        using var gzip = new GZipStream(new MemoryStream(await PackAsync("app")), CompressionMode.Decompress);
        using var reader = new TarReader(gzip);

        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            Assert.Equal(0, entry.Uid);
            Assert.Equal(DateTimeOffset.UnixEpoch, entry.ModificationTime);
        }

        Assert.Equal(["./app/", "./app/a/", "./app/a/" + new string('n', 150), "./app/b"], names);
    }

    [Fact]
    public async Task Tar_itself_reads_a_slug()
    {
        Tree.Write(_temp["app"], ("a/" + new string('n', 150), "1"), ("b", "2"));
        await File.WriteAllBytesAsync(_temp["slug.tgz"], await PackAsync("app"));
        Directory.CreateDirectory(_temp["out"]);
        using var tar = Process.Start("tar", ["-xzf", _temp["slug.tgz"], "-C", _temp["out"]]);
        await tar.WaitForExitAsync();

        Assert.Equal(0, tar.ExitCode);
        Assert.Equal(Tree.Describe(_temp["app"]), Tree.Describe(_temp["out/app"]));
    }

    [Fact]
    public async Task Sockets_and_FIFOs_are_left_out_and_named()
    {
        Tree.Write(_temp["app"], ("a", "1"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_temp["app/s"]));
        using var mkfifo = Process.Start("mkfifo", [_temp["app/f"]]);
        await mkfifo.WaitForExitAsync();

        using var bytes = new MemoryStream();
        var packed = await SlugArchive.WriteAsync(_temp["app"], bytes);

        Assert.Equal(["f", "s"], packed.LeftOut);
        await UnpackAsync(bytes.ToArray(), "back");
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_temp["back"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_link_to_a_file_outside_takes_nothing_of_it_along()
    {
        File.WriteAllText(_temp["secret"], "the secret of the host");
        Directory.CreateDirectory(_temp["app"]);
        File.CreateSymbolicLink(_temp["app/l"], _temp["secret"]);

        using var plain = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(await PackAsync("app")), CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(plain);
        }

        Assert.DoesNotContain("the secret of the host", Encoding.Latin1.GetString(plain.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slug_over_the_limit_is_refused()
    {
        Directory.CreateDirectory(_temp["app"]);
        await File.WriteAllBytesAsync(_temp["app/noise"], RandomNumberGenerator.GetBytes(300_000));

        var refusal = await Assert.ThrowsAsync<SlugArchiveException>(async () => await SlugArchive.WriteAsync(_temp["app"], Stream.Null, new() { MaxBytes = 100 << 10 }));

        Assert.Contains("max is 100K", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_outside_app_in_a_slug_is_ignored()
    {
        await UnpackAsync(new TarBuilder().File("etc/x").File("app/a", "1").File("./app/b", "2").File("apple/c").Gzip().ToArray(), "back");

        Assert.Equal(["a", "b"], Directory.EnumerateFileSystemEntries(_temp["back"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_hostile_slug_cannot_leave_its_directory()
    {
        Directory.CreateDirectory(_temp["outside"]);
        foreach (var hostile in (TarBuilder[])[
            new TarBuilder().File("app/../../outside/x"),
            new TarBuilder().Link("app/l", "../outside").File("app/l/x"),
            new TarBuilder().File("/app/x"),
            new TarBuilder().HardLink("app/h", "app/../../outside")])
        {
            await Assert.ThrowsAsync<SourceRejectedException>(async () => await UnpackAsync(hostile.Gzip().ToArray(), "back"));
            Assert.False(Directory.Exists(_temp["back"]));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp["outside"]));
    }

    [Fact]
    public async Task A_slug_that_is_not_in_the_store_leaves_no_directory()
    {
        var unpacker = new SlugUnpacker(new InMemorySlugStore());

        await Assert.ThrowsAsync<SlugNotFoundException>(async () => await unpacker.UnpackAsync(SlugId.FromDigest(new byte[32]), _temp["back"]));

        Assert.False(Directory.Exists(_temp["back"]));
    }

    [Fact]
    public async Task An_unpacked_slug_belongs_to_the_app_alone()
    {
        Assert.True(Environment.IsPrivilegedProcess, "An app gets a user of its own only from a host that is root: run the tests as root.");
        Tree.Write(_temp["app"], ("d/a", "1"));
        File.WriteAllText(_temp["mine"], "root's");
        File.CreateSymbolicLink(_temp["app/l"], _temp["mine"]);

        await UnpackAsync(await PackAsync("app"), "back", 23456);

        Assert.Equal("23456:23456 700", await StatAsync("back"));
        Assert.Equal("23456:23456 755", await StatAsync("back/d"));
        Assert.Equal("23456:23456 644", await StatAsync("back/d/a"));
        Assert.Equal("23456:23456 777", await StatAsync("back/l"));
        Assert.StartsWith("0:0", await StatAsync("mine"), StringComparison.Ordinal);
    }

    private async Task<byte[]> PackAsync(string name)
    {
        using var bytes = new MemoryStream();
        await SlugArchive.WriteAsync(_temp[name], bytes);
        return bytes.ToArray();
    }

    private async Task<string> DigestAsync(string name) => Convert.ToHexString(SHA256.HashData(await PackAsync(name)));

    private async Task UnpackAsync(byte[] slug, string name, int? userId = null)
    {
        var store = new InMemorySlugStore();
        var (id, _) = await store.PutAsync(new MemoryStream(slug));
        await new SlugUnpacker(store).UnpackAsync(id, _temp[name], userId);
    }

    private async Task<string> StatAsync(string name)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u:%g %a", _temp[name]]) { RedirectStandardOutput = true })!;
        var text = await stat.StandardOutput.ReadToEndAsync();
        await stat.WaitForExitAsync();
        return text.Trim();
    }
}
