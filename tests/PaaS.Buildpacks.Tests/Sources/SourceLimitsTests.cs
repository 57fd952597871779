namespace PaaS.Buildpacks.Tests;

public sealed class SourceLimitsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private string App => _temp["app"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_compression_bomb_is_stopped_while_it_unpacks()
    {
        // 64 MiB of zeros in some 64 KB.
        var bomb = new TarBuilder().Entry('0', "zeros", content: new byte[64 << 20]).Gzip();
        Assert.True(bomb.Length < 1 << 20);

        Assert.Contains("1,048,576 bytes", await RefusedAsync(bomb, new SourceLimits { TotalBytes = 1 << 20 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 40)]
    [InlineData(1L << 40)]
    public async Task A_bomb_whose_size_is_more_than_can_be_counted_is_refused_before_it_unpacks(long size)
    {
        var bomb = new ZipBuilder().Entry("zeros"u8.ToArray(), new byte[8 << 20], deflated: true, longSize: size).Zip();

        Assert.Contains("1,048,576 bytes", await RefusedAsync(bomb, new SourceLimits { TotalBytes = 1 << 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bomb_of_headers_is_stopped()
    {
        var tar = new TarBuilder();
        for (var i = 0; i < 3000; i++)
        {
            tar.Pax('g', "comment", "x");
        }

        Assert.Contains("bytes", await RefusedAsync(tar.File("a").Gzip(), new SourceLimits { TotalBytes = 1 << 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_through_hard_links_count_against_the_byte_limit()
    {
        var tar = new TarBuilder().Entry('0', "a", content: new byte[200_000]);
        for (var i = 0; i < 10; i++)
        {
            tar.HardLink($"b{i}", "a");
        }

        Assert.Contains("bytes", await RefusedAsync(tar.Tar(), new SourceLimits { TotalBytes = 1 << 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claimed_size_is_refused_before_anything_is_read() =>
        Assert.Contains("bytes", await RefusedAsync(new TarBuilder().Entry('0', "a", size: 1L << 32).Tar()), StringComparison.Ordinal);

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    public async Task An_extension_header_does_not_make_the_host_allocate_what_it_claims(char type) =>
        Assert.Contains("header of", await RefusedAsync(new TarBuilder().Entry(type, "a", size: 900_000_000).Tar()), StringComparison.Ordinal);

    [Fact]
    public async Task Too_many_entries_are_refused()
    {
        var tar = new TarBuilder();
        for (var i = 0; i < 11; i++)
        {
            tar.File($"f{i}");
        }

        Assert.Contains("10 entries", await RefusedAsync(tar.Tar(), new SourceLimits { Entries = 10 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directories_that_are_only_implied_count_as_entries()
    {
        var tar = new TarBuilder().File("1/2/3/4/a").File("5/6/7/8/a");

        Assert.Contains("8 entries", await RefusedAsync(tar.Tar(), new SourceLimits { Entries = 8 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_deep_and_too_long_paths_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("d/", 101)) + "f";
        Assert.Contains("levels deep", await RefusedAsync(new TarBuilder().Pax('x', "path", deep).File("f").Tar()), StringComparison.Ordinal);
        Assert.Contains("path has", await RefusedAsync(new TarBuilder().Pax('x', "path", new string('n', 5000)).File("f").Tar()), StringComparison.Ordinal);
        Assert.Contains("path has", await RefusedAsync(new TarBuilder().Pax('x', "path", new string('n', 300)).File("f").Tar()), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(Stream archive, SourceLimits? limits = null)
    {
        var refusal = await Assert.ThrowsAsync<SourceRejectedException>(async () => await SourceArchive.ExtractAsync(archive, App, limits));
        Assert.False(Directory.Exists(App));
        return refusal.Message;
    }
}
