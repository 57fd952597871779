using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>A slug is made of blocks that are compressed for themselves and kept from one packing to the next.</summary>
public sealed class SlugBlocksTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private SlugArchiveOptions Cached => new() { CacheDirectory = _temp["blocks"] };

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task One_more_file_changes_the_blocks_around_it_and_no_others()
    {
        WriteNoise(400);
        var first = await PackAsync(Cached);
        Tree.Write(_temp["app"], ("d7/a new one", "new"));

        var second = await PackAsync(Cached);

        Assert.Equal(0, first.CachedBlocks);
        Assert.True(second.Blocks > 10, $"{second.Blocks} blocks");
        Assert.InRange(second.Blocks - second.CachedBlocks, 1, 3);
        Assert.Null(second.CacheProblem);
    }

    [Fact]
    public async Task A_change_inside_a_large_file_leaves_the_rest_of_it()
    {
        Directory.CreateDirectory(_temp["app"]);
        var content = RandomNumberGenerator.GetBytes(5 << 20);
        await File.WriteAllBytesAsync(_temp["app/large"], content);
        var first = await PackAsync(Cached);
        content[3 << 20] ^= 1;
        await File.WriteAllBytesAsync(_temp["app/large"], content);

        var second = await PackAsync(Cached);

        Assert.Equal(first.Blocks - 1, second.CachedBlocks);
    }

    [Fact]
    public async Task The_cache_keeps_what_is_used_however_often_other_things_are_packed()
    {
        WriteNoise(100);
        var few = Cached with { CacheBytes = 2 << 20 };
        await PackAsync(few);
        for (var i = 0; i < 100; i++)
        {
            Tree.Write(_temp["app"], ("changing", i + new string('x', 2000)));
            var packed = await PackAsync(few);
            Assert.InRange(packed.Blocks - packed.CachedBlocks, 0, 2);
            Assert.InRange(Directory.GetFiles(_temp["blocks"]).Sum(static f => new FileInfo(f).Length), 1, (2 << 20) + 64);
            Assert.InRange(Directory.GetFiles(_temp["blocks"]).Length, 1, 66);
        }
    }

    [Fact]
    public async Task Only_the_host_can_look_into_the_cache()
    {
        WriteNoise(10);
        await PackAsync(Cached);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_temp["blocks"]));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_used_costs_time_and_nothing_else()
    {
        WriteNoise(10);
        File.WriteAllText(_temp["file"], "not a directory");

        var packed = await PackAsync(new SlugArchiveOptions { CacheDirectory = _temp["file/blocks"] });

        Assert.NotNull(packed.CacheProblem);
        Assert.Equal(new FileInfo(_temp["slug"]).Length, packed.Size);
        await UnpackAsync();
        Assert.Equal(Tree.Describe(_temp["app"]), Tree.Describe(_temp["back"]));
    }

    [Fact]
    public async Task A_packing_that_was_cancelled_leaves_a_cache_that_works()
    {
        WriteNoise(200);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await SlugArchive.WriteAsync(_temp["app"], new CancellingStream(cancel), Cached, cancel.Token));

        await PackAsync(Cached);
        var again = await PackAsync(Cached);

        Assert.Equal(again.Blocks, again.CachedBlocks);
        Assert.DoesNotContain(Directory.GetFiles(_temp["blocks"]), static f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slug_over_the_limit_is_refused_with_its_size_in_Herokus_words()
    {
        Directory.CreateDirectory(_temp["app"]);
        await File.WriteAllBytesAsync(_temp["app/noise"], RandomNumberGenerator.GetBytes(3 << 20));
        using var written = new MemoryStream();

        var refusal = await Assert.ThrowsAsync<SlugArchiveException>(async () => await SlugArchive.WriteAsync(_temp["app"], written, new() { MaxBytes = 1 << 20 }));

        Assert.StartsWith("Compiled slug size: 3M is too large (max is 1M).\n", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(written.Length, 0, 1 << 20);
    }

    [Fact]
    public async Task Every_block_is_a_gzip_member_that_others_read_too()
    {
        WriteNoise(100);
        await PackAsync(SlugArchiveOptions.Default);

        using var plain = new MemoryStream();
        await using (var gzip = new GZipStream(File.OpenRead(_temp["slug"]), CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(plain);
        }

        Assert.Equal(0, plain.Length % 512);
        Assert.Contains("./app/d0/", Encoding.Latin1.GetString(plain.GetBuffer(), 0, 100_000), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slug_of_zstd_is_unpacked_and_refused_when_it_is_cut_off_or_damaged()
    {
        WriteNoise(100);
        await PackAsync(new SlugArchiveOptions { Format = SlugFormat.Zstd });
        var whole = await File.ReadAllBytesAsync(_temp["slug"]);
        await UnpackAsync();
        Assert.Equal(Tree.Describe(_temp["app"]), Tree.Describe(_temp["back"]));

        var flipped = (byte[])whole.Clone();
        flipped[whole.Length / 2] ^= 1;
        foreach (var bad in (byte[][])[whole[..^1], whole[..(whole.Length / 3)], whole[..5], flipped])
        {
            await Assert.ThrowsAsync<SourceRejectedException>(async () => await SourceArchive.ExtractAsync(new MemoryStream(bad), _temp["bad"]));
            Assert.False(Directory.Exists(_temp["bad"]));
        }
    }

    [Fact]
    public async Task A_zstd_archive_that_wants_much_memory_is_refused()
    {
        // A frame's header alone: a window of 2 GiB, no content size, then one raw block.
        byte[] hungry = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x10, 0x00, .. new byte[512]];

        await Assert.ThrowsAsync<SourceRejectedException>(async () => await SourceArchive.ExtractAsync(new MemoryStream(hungry), _temp["back"]));
    }

    [Fact]
    public async Task A_rebuild_says_how_much_was_unchanged()
    {
        await using var rig = new BuildRig();
        var noise = Convert.ToBase64String(RandomNumberGenerator.GetBytes(1_200_000));
        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n").File("noise", noise));
        Assert.DoesNotContain("unchanged since", rig.Output, StringComparison.Ordinal);

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: y\n").File("noise", noise));

        Assert.Matches(@"\n       \d of \d blocks unchanged since the last build", rig.Output);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(rig.Temp["caches"], rig.App.ToString(), "blocks")));
        rig.Builder.RemoveCache(rig.App);
        Assert.Empty(Directory.GetFileSystemEntries(rig.Temp["caches"]));
    }

    [Fact]
    public async Task A_build_over_the_slug_limit_is_rejected_and_stores_nothing()
    {
        await using var rig = new BuildRig(options: static o => o with { MaxSlugBytes = 100 << 10 });
        var noise = Convert.ToBase64String(RandomNumberGenerator.GetBytes(300_000));

        Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("Procfile", "web: x\n").File("noise", noise)));

        Assert.Matches(@"\n !     Compiled slug size: [\d.]+K is too large \(max is 100K\)\.\n !     Have the build remove", rig.Output);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    private void WriteNoise(int files)
    {
        for (var i = 0; i < files; i++)
        {
            Directory.CreateDirectory(_temp[$"app/d{i % 13}"]);
            File.WriteAllBytes(_temp[$"app/d{i % 13}/f{i}"], RandomNumberGenerator.GetBytes(10_000));
        }
    }

    private async Task<SlugArchiveResult> PackAsync(SlugArchiveOptions options)
    {
        await using var file = File.Create(_temp["slug"]);
        return await SlugArchive.WriteAsync(_temp["app"], file, options);
    }

    private async Task UnpackAsync()
    {
        var store = new InMemorySlugStore();
        await using var file = File.OpenRead(_temp["slug"]);
        await new SlugUnpacker(store).UnpackAsync((await store.PutAsync(file)).Id, _temp["back"]);
    }

    /// <summary>Whoever takes the slug gives up at its first bytes.</summary>
    private sealed class CancellingStream(CancellationTokenSource cancel) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await cancel.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
