using Microsoft.Extensions.Logging;

namespace PaaS.Runtime;

/// <summary>
/// Slugs unpacked once per user, from which dynos get their <c>/app</c> as a layer of their own. Starts at the same time
/// share one unpacking. Those that nobody uses are removed, the longest unused first, when there are too many. The directory
/// is the host's alone (mode 0700): a dyno sees its slug through its mount only, and a slug that is not whole yet is seen by nobody.
/// </summary>
internal sealed partial class UnpackedSlugs
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What one counts for that can't be counted to its end: it is the first that there is no room for.</summary>
    private const long Uncounted = 1L << 50;
    private readonly Lock _gate = new();
    private readonly Dictionary<(SlugId, int?), UnpackedSlug> _slugs = [];
    private readonly ISlugUnpacker _unpacker;
    private readonly string _directory;
    private readonly int _maxCount;
    private readonly long _maxBytes;
    private readonly ILogger _logger;
    private long _uses;

    public UnpackedSlugs(ISlugUnpacker unpacker, string directory, LocalDynoRuntimeOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxUnpackedSlugs);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxUnpackedBytes);
        _unpacker = unpacker;
        _directory = directory;
        _maxCount = options.MaxUnpackedSlugs;
        _maxBytes = options.MaxUnpackedBytes;
        _logger = options.Logger;
    }

    /// <summary>Gives the files of a slug, unpacking it if need be. They stay until the lease is disposed.</summary>
    /// <exception cref="SlugChecksumException">The stored slug has changed (R17).</exception>
    /// <exception cref="SlugNotFoundException">There is no such slug.</exception>
    public async ValueTask<SlugLease> LeaseAsync(SlugId slug, int? userId, CancellationToken cancellationToken)
    {
        var entry = Take(slug, userId);
        try
        {
            await entry.Unpacked.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new SlugLease(entry.Path, () => Release(entry));
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    /// <summary>Removes what an earlier host left. Nothing is in use yet.</summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public void Sweep()
    {
        if (Directory.Exists(_directory))
        {
            DirectoryTree.Delete(_directory);
        }
    }

    private UnpackedSlug Take(SlugId slug, int? userId)
    {
        lock (_gate)
        {
            if (!_slugs.TryGetValue((slug, userId), out var entry))
            {
                // A name of its own each time: what is being removed is never in the way of the next.
                entry = _slugs[(slug, userId)] = new(slug, userId, Path.Combine(_directory, Guid.NewGuid().ToString("N")));
                entry.Unpacked = Task.Run(() => UnpackAsync(entry));
            }

            entry.Leases++;
            entry.LastUse = ++_uses;
            return entry;
        }
    }

    private async Task UnpackAsync(UnpackedSlug entry)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Dynos run as local processes on Linux only.");
        }

        try
        {
            Directory.CreateDirectory(_directory);
            File.SetUnixFileMode(_directory, Private);
            await _unpacker.UnpackAsync(entry.Slug, entry.Path, entry.UserId, entry.GiveUp.Token).ConfigureAwait(false);
            File.SetUnixFileMode(entry.Path, Private);
            entry.Bytes = Math.Min(Uncounted, ScratchTree.Measure(entry.Path));
        }
        catch
        {
            // The next start tries again.
            Forget(entry);
            Remove(entry);
            throw;
        }
    }

    private void Release(UnpackedSlug entry)
    {
        List<UnpackedSlug> evicted;
        bool isUnwanted;
        lock (_gate)
        {
            entry.Leases--;
            isUnwanted = entry.Leases == 0 && !entry.Unpacked.IsCompleted;
            if (isUnwanted)
            {
                Forget(entry);
            }

            evicted = Evict();
        }

        if (isUnwanted)
        {
            entry.GiveUp.Cancel();
        }

        foreach (var old in evicted)
        {
            Remove(old);
        }
    }

    /// <summary>Chooses what goes: the longest unused first, never one in use and never the newest, which somebody is about to start.</summary>
    private List<UnpackedSlug> Evict()
    {
        var evicted = new List<UnpackedSlug>();
        var (count, bytes) = (_slugs.Count, _slugs.Values.Sum(static slug => slug.Bytes));
        foreach (var slug in _slugs.Values.Where(slug => slug.Leases == 0 && slug.LastUse != _uses).OrderBy(static slug => slug.LastUse).ToArray())
        {
            if (count <= _maxCount && bytes <= _maxBytes)
            {
                break;
            }

            (count, bytes) = (count - 1, bytes - slug.Bytes);
            Forget(slug);
            evicted.Add(slug);
        }

        return evicted;
    }

    private void Forget(UnpackedSlug entry)
    {
        lock (_gate)
        {
            if (_slugs.TryGetValue((entry.Slug, entry.UserId), out var known) && known == entry)
            {
                _slugs.Remove((entry.Slug, entry.UserId));
            }
        }
    }

    private void Remove(UnpackedSlug entry)
    {
        try
        {
            if (Directory.Exists(entry.Path))
            {
                DirectoryTree.Delete(entry.Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No start and no stop fails for it: the next host sweeps it.
            Log.NotRemoved(_logger, e, entry.Path);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Warning, "The unpacked slug {Path} could not be removed; the next start of the host tries again.", EventName = "UnpackedSlugNotRemoved")]
        public static partial void NotRemoved(ILogger logger, Exception exception, string path);
    }
}

/// <summary>The right to the files of an unpacked slug; disposing it, once, gives it back.</summary>
internal sealed class SlugLease(string path, Action release) : IDisposable
{
    private Action? _release = release;

    public string Path { get; } = path;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
