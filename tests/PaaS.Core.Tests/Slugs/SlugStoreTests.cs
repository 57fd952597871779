using System.Text;

namespace PaaS.Core.Tests;

public sealed class SlugStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-slugs-").FullName;

    [Fact]
    public async Task The_same_bytes_have_one_name()
    {
        var store = new DirectorySlugStore(_directory);

        var (first, size) = await store.PutAsync(Bytes("slug"));
        var (second, _) = await store.PutAsync(Bytes("slug"));

        Assert.Equal(first, second);
        Assert.Equal(4, size);
        Assert.Equal([first], await store.ListAsync().ToListAsync());
        Assert.Equal("slug", await ReadAsync(await store.OpenAsync(first)));
    }

    [Fact]
    public async Task Every_flipped_byte_is_found_before_anything_is_read()
    {
        var store = new DirectorySlugStore(_directory);
        var (id, size) = await store.PutAsync(Bytes("twelve bytes"));
        var file = Directory.GetFiles(_directory).Single();
        var good = await File.ReadAllBytesAsync(file);
        for (var i = 0; i < size; i++)
        {
            var bad = good.ToArray();
            bad[i] ^= 1;
            await File.WriteAllBytesAsync(file, bad);

            var exception = await Assert.ThrowsAsync<SlugChecksumException>(async () => await store.OpenAsync(id));
            Assert.StartsWith("Error R17 (Checksum error)", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_write_that_was_cut_off_leaves_nothing_behind()
    {
        var store = new DirectorySlugStore(_directory);
        await Assert.ThrowsAsync<IOException>(async () => await store.PutAsync(new BreakingStream()));
        await File.WriteAllTextAsync(Path.Combine(_directory, "left.incoming"), "by a crash");

        _ = new DirectorySlugStore(_directory);

        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task A_slug_that_is_not_there_is_named()
    {
        var id = SlugId.FromDigest(new byte[32]);

        var exception = await Assert.ThrowsAsync<SlugNotFoundException>(async () => await new DirectorySlugStore(_directory).OpenAsync(id));

        Assert.Contains(id.ToString(), exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private sealed class BreakingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("cut off");
    }
}
