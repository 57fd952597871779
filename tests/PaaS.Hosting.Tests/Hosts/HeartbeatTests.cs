using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>The file that says when the host was last alive.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-heartbeat-");
    private readonly ManualTimeProvider _time = new();

    private string Path => System.IO.Path.Combine(_directory.FullName, "alive");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_last_beat_is_known_to_the_next_host()
    {
        using (Start())
        {
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var last = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromHours(1));
        using var next = Start();
        Assert.Equal(last, next.Last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    public void A_file_that_says_nothing_counts_as_unknown(string content)
    {
        File.WriteAllText(Path, content);

        using var heartbeat = Start();

        Assert.Null(heartbeat.Last);
    }

    [Fact]
    public void A_beat_that_cannot_be_written_ends_nothing_and_the_next_one_is()
    {
        var blocker = Directory.CreateDirectory(Path + ".tmp");
        using var heartbeat = Start();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(File.Exists(Path));
        blocker.Delete();

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(File.Exists(Path));
    }

    private Heartbeat Start() => Heartbeat.Start(Path, _time, NullLogger.Instance);
}
