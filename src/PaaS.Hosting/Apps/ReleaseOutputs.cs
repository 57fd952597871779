using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// What one app's release commands have printed: in memory while they run, in a file each afterwards, durable before the
/// release gets its verdict. The newest <see cref="Kept"/> are kept, of each the last <see cref="MaxBytes"/>.
/// </summary>
/// <param name="directory">Where the app's files are; null keeps it in memory, as long as the host runs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">For the operator.</param>
internal sealed partial class ReleaseOutputs(string? directory, TimeProvider time, ILogger logger)
{
    /// <summary>The most that is kept of one release command's output: 4 MiB, cut from its beginning (Heroku: 300 MB).</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>How many releases keep their output.</summary>
    public const int Kept = 50;

    private const string Suffix = ".log";
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ReleaseVersion, ReleaseOutput> _live = [];

    /// <summary>Removes what belongs to apps that are gone.</summary>
    public static void Sweep(string directory, IReadOnlySet<AppId> apps)
    {
        foreach (var left in Directory.Exists(directory) ? Directory.GetDirectories(directory) : [])
        {
            if (!AppId.TryParse(Path.GetFileName(left), null, out var app) || !apps.Contains(app))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    /// <summary>The output of a release that is pending, to be followed from its first line on, whether its command has started or not.</summary>
    /// <param name="version">The release.</param>
    /// <param name="isPending">Whether it still is; asked once nothing can settle it unseen.</param>
    /// <returns>Null if the release is settled.</returns>
    public ReleaseOutput? Follow(ReleaseVersion version, Func<bool> isPending)
    {
        lock (_gate)
        {
            if (!_live.TryGetValue(version, out var output) && isPending())
            {
                _live[version] = output = new ReleaseOutput(time);
            }

            return output;
        }
    }

    /// <summary>The command of a release is about to start.</summary>
    public ReleaseOutput Begin(ReleaseVersion version)
    {
        ReleaseOutput? output;
        lock (_gate)
        {
            if (!_live.TryGetValue(version, out output))
            {
                _live[version] = output = new ReleaseOutput(time);
            }
        }

        output.Begin();
        return output;
    }

    /// <summary>The command of a release has ended: what it printed is durable when this returns, unless the disk fails; then it stays in memory.</summary>
    public async Task KeepAsync(ReleaseVersion version)
    {
        ReleaseOutput? output;
        lock (_gate)
        {
            output = _live.GetValueOrDefault(version);
        }

        if (output is not { HasStarted: true })
        {
            return;
        }

        output.End();
        if (directory is null)
        {
            ForgetOld();
            return;
        }

        try
        {
            var content = await ContentOfAsync(output.Lines);
            Directory.CreateDirectory(directory);
            DurableFile.Write(PathOf(version)!, content);
            Posix.SyncDirectory(Path.GetDirectoryName(directory)!);
            RemoveOld();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, version, exception);
            ForgetOld();
            return;
        }

        Forget(version);
    }

    /// <summary>A release is settled: whoever waits for the start of a command that never came to be is told.</summary>
    public void Settle(ReleaseVersion version)
    {
        lock (_gate)
        {
            if (_live.TryGetValue(version, out var output) && !output.HasStarted)
            {
                output.End();
                _live.Remove(version);
            }
        }
    }

    /// <summary>The app or the host ends.</summary>
    public void EndAll()
    {
        lock (_gate)
        {
            foreach (var output in _live.Values)
            {
                output.End();
            }
        }
    }

    /// <summary>Removes everything: the app is gone.</summary>
    public void Delete()
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Whether there is output of a release, or will be more.</summary>
    public bool Has(ReleaseVersion version)
    {
        lock (_gate)
        {
            return _live.TryGetValue(version, out var output) && output.HasStarted ? true : PathOf(version) is { } path && File.Exists(path);
        }
    }

    /// <summary>The output of a release from its first line on; it ends with the command. Null if there is none.</summary>
    public LogStream? Open(ReleaseVersion version)
    {
        lock (_gate)
        {
            if (_live.TryGetValue(version, out var output) && output.HasStarted)
            {
                return output.Lines;
            }
        }

        return PathOf(version) is { } path && File.Exists(path) ? Read(path) : null;
    }

    private LogStream Read(string path)
    {
        var lines = File.ReadAllText(path).Split('\n');
        var stream = new LogStream(time, Math.Max(1, lines.Length));
        foreach (var line in lines.SkipLast(1))
        {
            stream.Write(LogSource.App, "release", line);
        }

        stream.Complete();
        return stream;
    }

    private static async Task<byte[]> ContentOfAsync(LogStream lines)
    {
        var kept = new Queue<ReadOnlyMemory<byte>>();
        var (bytes, dropped) = (0, 0L);
        await foreach (var line in lines.TailAsync(new LogTail { Lines = ReleaseOutput.MaxLines }))
        {
            dropped = kept.Count == 0 && dropped == 0 ? line.Number - 1 : dropped;
            kept.Enqueue(line.Text);
            bytes += line.Text.Length + 1;
            while (bytes > MaxBytes)
            {
                bytes -= kept.Dequeue().Length + 1;
                dropped++;
            }
        }

        using var content = new MemoryStream(bytes + 100);
        if (dropped > 0)
        {
            content.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"[{dropped} earlier lines were left out]\n")));
        }

        foreach (var line in kept)
        {
            content.Write(line.Span);
            content.WriteByte((byte)'\n');
        }

        return content.ToArray();
    }

    private void RemoveOld()
    {
        var versions = Directory.EnumerateFiles(directory!, "v*" + Suffix)
            .Select(path => ReleaseVersion.TryParse(Path.GetFileNameWithoutExtension(path), null, out var version) ? version : default)
            .Where(version => version.Number > 0);
        foreach (var old in versions.OrderDescending().Skip(Kept))
        {
            File.Delete(PathOf(old)!);
        }
    }

    /// <summary>In memory the newest are kept as well.</summary>
    private void ForgetOld()
    {
        lock (_gate)
        {
            foreach (var old in _live.Where(static pair => pair.Value.HasStarted).Select(static pair => pair.Key).OrderDescending().Skip(Kept).ToList())
            {
                _live.Remove(old);
            }
        }
    }

    private void Forget(ReleaseVersion version)
    {
        lock (_gate)
        {
            _live.Remove(version);
        }
    }

    private string? PathOf(ReleaseVersion version) => directory is null ? null : Path.Combine(directory, version + Suffix);

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Error, "The output of release {Version} could not be kept on disk; it is shown until the host ends")]
        public static partial void NotKept(ILogger logger, ReleaseVersion version, Exception exception);
    }
}
