using System.Text;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class SourceUploadsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-uploads-");
    private readonly ManualTimeProvider _time = new();
    private readonly SourceUploads _uploads;

    public SourceUploadsTests() => _uploads = new SourceUploads(_directory.FullName, 10, _time);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task An_archive_is_taken_once_and_is_gone_when_it_has_been_read()
    {
        var secret = _uploads.Issue()!;
        Assert.Null(_uploads.Take(secret));
        Assert.True(await StoreAsync(secret, "0123456789"));

        await using (var taken = _uploads.Take(secret)!)
        {
            Assert.Equal("0123456789", await new StreamReader(taken).ReadToEndAsync());
            Assert.Null(_uploads.Take(secret));
        }

        Assert.Empty(_directory.EnumerateFiles());
        Assert.False(_uploads.Knows(secret));
    }

    [Fact]
    public async Task An_archive_that_is_too_large_leaves_nothing()
    {
        var secret = _uploads.Issue()!;

        Assert.False(await StoreAsync(secret, "01234567890"));

        Assert.Empty(_directory.EnumerateFiles());
        Assert.False(_uploads.HasArchive(secret));
    }

    [Fact]
    public async Task An_address_ends_after_an_hour_with_its_archive()
    {
        var secret = _uploads.Issue()!;
        await StoreAsync(secret, "old");

        _time.Advance(TimeSpan.FromMinutes(61));

        Assert.False(_uploads.Knows(secret));
        Assert.Null(_uploads.Take(secret));
        _uploads.Issue();
        Assert.Empty(_directory.EnumerateFiles());
    }

    [Fact]
    public async Task Two_uploads_to_one_address_at_once_leave_one_of_them_whole()
    {
        var secret = _uploads.Issue()!;
        await using var slow = new GatedStream("slow");
        var first = _uploads.StoreAsync(secret, slow, CancellationToken.None);
        await slow.Asked.WaitAsync(Eventually.Deadline);

        Assert.True(await StoreAsync(secret, "quick"));
        slow.Open();
        Assert.True(await first.WaitAsync(Eventually.Deadline));

        await using var taken = _uploads.Take(secret)!;
        Assert.Equal("slow", await new StreamReader(taken).ReadToEndAsync());
        Assert.Single(_directory.EnumerateFiles());
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        var secret = _uploads.Issue()!;
        await using var slow = new GatedStream("slow");
        using var left = new CancellationTokenSource();
        var upload = _uploads.StoreAsync(secret, slow, left.Token);
        await slow.Asked.WaitAsync(Eventually.Deadline);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        Assert.Empty(_directory.EnumerateFiles());
    }

    [Fact]
    public async Task What_an_earlier_host_left_is_removed_and_open_uploads_are_bounded()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "left"), "over");

        var uploads = new SourceUploads(_directory.FullName, 10, _time);

        Assert.Empty(_directory.EnumerateFiles());
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.NotNull(uploads.Issue()));
        Assert.Null(uploads.Issue());
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.NotNull(uploads.Issue());
    }

    private Task<bool> StoreAsync(string secret, string content) => _uploads.StoreAsync(secret, new MemoryStream(Encoding.UTF8.GetBytes(content)), CancellationToken.None);

    /// <summary>Gives its content when the gate is open.</summary>
    private sealed class GatedStream(string content) : MemoryStream(Encoding.UTF8.GetBytes(content))
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public void Open() => _gate.TrySetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await _gate.Task.WaitAsync(cancellationToken);
            return Read(buffer.Span);
        }
    }
}
