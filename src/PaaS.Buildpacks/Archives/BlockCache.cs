using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Compressed blocks of earlier builds of one app, found by their content. The content is a tenant's, so a block's name is a hash
/// under a key that only the host has: AES-GMAC, a tenth of SHA-256's work where the processor has no instructions for that, and
/// then HMAC, so that not even the names give anything away. What is read is checked under that key before it is used; what is
/// damaged, cut off or was swapped for something else is as good as none. Every packing adds one file: making
/// a file costs more than filling it. The oldest are removed; a block that is used and is about to go with them is written again.
/// </summary>
internal sealed class BlockCache : IDisposable
{
    private const int KeyLength = 64;
    private const int MostSegments = 64;
    private const string KeyName = "key";
    private const string UnfinishedSuffix = ".tmp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly Dictionary<UInt128, (BlockSegment Segment, BlockEntry Entry)> _blocks = [];
    private readonly List<BlockSegment> _segments = [];
    private readonly string _directory;
    private readonly long _most;
    private readonly byte[] _identity;
    private readonly byte[] _key;
    private BlockSegmentWriter? _writer;

    private BlockCache(string directory, long most, string identity)
    {
        _directory = directory;
        _most = most;
        _identity = Encoding.UTF8.GetBytes(identity);
        MakeDirectory(directory);
        _key = ReadKey() ?? MakeKey();
        try
        {
            OpenSegments();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What went wrong with the files, if anything did.</summary>
    public string? Problem { get; private set; }

    private ReadOnlySpan<byte> ContentKey => _key.AsSpan(0, 16);

    private ReadOnlyMemory<byte> FileKey => _key.AsMemory(16, 16);

    private ReadOnlySpan<byte> NameKey => _key.AsSpan(32, 32);

    /// <summary>Opens the cache and sweeps what a crash left half-written.</summary>
    /// <param name="directory">Its directory, made with mode 0700.</param>
    /// <param name="most">How many bytes it may hold.</param>
    /// <param name="identity">What the compressed bytes depend on besides the content.</param>
    /// <param name="problem">Why there is no cache.</param>
    public static BlockCache? Open(string directory, long most, string identity, out string? problem)
    {
        try
        {
            problem = null;
            return new BlockCache(directory, most, identity);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>What a block is called here.</summary>
    public UInt128 NameOf(ReadOnlySpan<byte> content)
    {
        Span<byte> bound = stackalloc byte[BlockTag.Length + sizeof(long) + _identity.Length];
        BlockTag.Compute(ContentKey, 0, content, bound[..BlockTag.Length]);
        BinaryPrimitives.WriteInt64LittleEndian(bound[BlockTag.Length..], content.Length);
        _identity.CopyTo(bound[(BlockTag.Length + sizeof(long))..]);
        return BinaryPrimitives.ReadUInt128LittleEndian(HMACSHA256.HashData(NameKey, bound));
    }

    /// <summary>Reads and checks a block's compressed form. Several threads may call it at once.</summary>
    /// <param name="name">The block.</param>
    /// <param name="packed">Takes the bytes.</param>
    /// <returns>False if it is not there, or damaged.</returns>
    public bool TryRead(UInt128 name, MemoryStream packed)
    {
        if (!_blocks.TryGetValue(name, out var found))
        {
            return false;
        }

        try
        {
            return found.Segment.TryRead(found.Entry, packed, FileKey.Span);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Problem = e.Message;
            return false;
        }
    }

    /// <summary>Keeps a block's compressed form for the next packing. One thread at a time.</summary>
    /// <param name="name">The block.</param>
    /// <param name="packed">The bytes.</param>
    /// <param name="isRead">Whether they were read from here.</param>
    public void Keep(UInt128 name, ReadOnlyMemory<byte> packed, bool isRead)
    {
        if (Problem is not null || (isRead && !_blocks[name].Segment.IsOld) || BlockSegmentWriter.LengthWith(_writer, packed.Length) > _most)
        {
            return;
        }

        try
        {
            _writer ??= new BlockSegmentWriter(Path.Combine(_directory, Guid.NewGuid().ToString("N") + UnfinishedSuffix), FileKey);
            _writer.Add(name, packed);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Problem = e.Message;
        }
    }

    /// <summary>Makes durable what was kept, as far as a crash of this process goes, and removes the oldest until the rest fits.</summary>
    public void Finish()
    {
        try
        {
            var kept = 0L;
            var count = 0;
            if (_writer is not null && Problem is null)
            {
                var last = _segments.Count > 0 ? _segments[0].Number : 0;
                kept = _writer.Finish(PathOf(last + 1));
                count = 1;
            }

            foreach (var segment in _segments)
            {
                kept += segment.Length;
                if (kept > _most || ++count > MostSegments)
                {
                    File.Delete(PathOf(segment.Number));
                }
            }
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Problem = e.Message;
        }
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _segments.ForEach(static s => s.Dispose());
    }

    private static bool IsOfDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>From the newest to the oldest. A file that is not whole, or not one of ours, is removed.</summary>
    private void OpenSegments()
    {
        var newer = 0L;
        foreach (var path in Directory.GetFiles(_directory).OrderDescending(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name == KeyName)
            {
                continue;
            }

            var segment = long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && PathOf(number) == path
                ? BlockSegment.Open(path, number, FileKey.Span)
                : null;
            if (segment is null)
            {
                File.Delete(path);
                continue;
            }

            _segments.Add(segment);
            newer += segment.Length;
            segment.IsOld = newer > _most / 2 || _segments.Count > MostSegments / 2;
            foreach (var entry in segment.Entries)
            {
                _blocks.TryAdd(entry.Name, (segment, entry));
            }
        }
    }

    private byte[]? ReadKey()
    {
        var path = Path.Combine(_directory, KeyName);
        return File.Exists(path) && new FileInfo(path).Length == KeyLength ? File.ReadAllBytes(path) : null;
    }

    /// <summary>With another key none of the files is known any more; opening them removes them.</summary>
    private byte[] MakeKey()
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        var unfinished = Path.Combine(_directory, Guid.NewGuid().ToString("N") + UnfinishedSuffix);
        File.WriteAllBytes(unfinished, key);
        File.Move(unfinished, Path.Combine(_directory, KeyName), overwrite: true);
        return key;
    }

    private string PathOf(long number) => Path.Combine(_directory, number.ToString("D12", CultureInfo.InvariantCulture));
}
