using System.Text;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class BuildLogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-log-");
    private readonly ManualTimeProvider _time = new();

    private string File => Path.Combine(_directory.FullName, "build.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read_byte_for_byte()
    {
        byte[][] lines = ["one"u8.ToArray(), [], "\x1b[32mgreen\x1b[0m 50%\r100%"u8.ToArray(), [0xff, 0xfe, 0x00]];

        Write(lines);

        Assert.Equal(lines, Read());
    }

    [Fact]
    public void Of_a_flood_the_beginning_and_the_end_are_kept()
    {
        var line = Encoding.UTF8.GetBytes(new string('x', 9_000));

        Write([.. Enumerable.Range(0, 1_000).Select(i => (byte[])[.. Encoding.UTF8.GetBytes($"{i} "), .. line])]);

        Assert.InRange(new FileInfo(File).Length, BuildLog.HeadBytes, BuildLog.HeadBytes + BuildLog.TailBytes + 100);
        var read = Read();
        Assert.StartsWith("0 x", Text(read[0]), StringComparison.Ordinal);
        Assert.StartsWith("999 x", Text(read[^1]), StringComparison.Ordinal);
        var mark = Assert.Single(read, one => Text(one).StartsWith('['));
        Assert.Equal($"[{1_000 - (read.Count - 1)} lines were left out here]", Text(mark));
    }

    [Fact]
    public void A_flood_of_empty_lines_is_bounded_too()
    {
        Write([.. Enumerable.Repeat(Array.Empty<byte>(), 200_000)]);

        Assert.Equal(BuildLog.HeadLines + BuildLog.TailLines + 1, Read().Count);
    }

    [Fact]
    public void What_came_is_in_the_file_a_moment_later()
    {
        using var log = new BuildLog(File, _time);
        log.Write("one"u8.ToArray());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["one"], Read().Select(Text));

        log.Write("two"u8.ToArray());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["one", "two"], Read().Select(Text));
    }

    [Fact]
    public void A_disk_that_takes_no_more_is_no_trouble_of_the_builds()
    {
        if (!System.IO.File.Exists("/dev/full"))
        {
            Assert.Fail("This test needs /dev/full, as Linux has it.");
        }

        using var log = new BuildLog("/dev/full", _time);
        log.Write(new byte[200_000]);
        log.Write("one"u8.ToArray());
        log.End();

        Assert.IsType<IOException>(log.Failure);
    }

    [Fact]
    public void Only_the_host_can_read_it()
    {
        Write(["secret"u8.ToArray()]);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    private static string Text(byte[] line) => Encoding.UTF8.GetString(line);

    private void Write(IEnumerable<byte[]> lines)
    {
        using var log = new BuildLog(File, _time);
        foreach (var line in lines)
        {
            log.Write(line);
        }

        log.End();
        Assert.Null(log.Failure);
    }

    private List<byte[]> Read() => [.. BuildLog.Read(File, _time).TailAsync(new LogTail { After = 0 }).ToBlockingEnumerable().Select(line => line.Text.ToArray())];
}
