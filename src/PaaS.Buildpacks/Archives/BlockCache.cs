using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Compressed blocks of earlier builds of one app, as files named by their content. The content is a tenant's, so the name is a hash
/// under a key that only the host has: AES-GMAC, a tenth of SHA-256's work where the processor has no instructions for that, and
/// then HMAC, so that not even the names give anything away. What is read is checked under that key before it is used; a file
/// that is damaged, cut off or was swapped for another is as good as none.
/// </summary>
internal sealed class BlockCache
{
    private const int TagLength = 16;
    private const int NonceLength = 12;
    private const int KeyLength = 64;
    private const string KeyName = "key";
    private const string UnfinishedSuffix = ".tmp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly byte[] NoNonce = new byte[NonceLength];
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly string _directory;
    private readonly long _most;
    private readonly byte[] _identity;
    private readonly byte[] _key;
    private long _used;
    private string? _problem;

    private BlockCache(string directory, long most, string identity)
    {
        _directory = directory;
        _most = most;
        _identity = Encoding.UTF8.GetBytes(identity);
        MakeDirectory(directory);
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles())
        {
            if (file.Name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal))
            {
                file.Delete();
            }
            else if (file.Name != KeyName)
            {
                _entries[file.Name] = new Entry(file.Length, file.LastWriteTimeUtc);
            }
        }

        _key = ReadKey() ?? MakeKey();
    }

    /// <summary>What went wrong with the files, if anything did.</summary>
    public string? Problem => _problem;

    private ReadOnlySpan<byte> ContentKey => _key.AsSpan(0, 16);

    private ReadOnlySpan<byte> FileKey => _key.AsSpan(16, 16);

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
    public string NameOf(ReadOnlySpan<byte> content)
    {
        Span<byte> bound = stackalloc byte[TagLength + sizeof(long) + _identity.Length];
        Authenticate(ContentKey, NoNonce, content, bound);
        BinaryPrimitives.WriteInt64LittleEndian(bound[TagLength..], content.Length);
        _identity.CopyTo(bound[(TagLength + sizeof(long))..]);
        return Convert.ToHexStringLower(HMACSHA256.HashData(NameKey, bound));
    }

    /// <summary>Reads and checks a block's compressed form.</summary>
    /// <param name="name">The block.</param>
    /// <param name="packed">Takes the bytes.</param>
    /// <param name="longest">How many there can be.</param>
    /// <returns>False if it is not there, or damaged.</returns>
    public bool TryRead(string name, MemoryStream packed, int longest)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            return false;
        }

        try
        {
            using (var file = File.OpenHandle(PathOf(name)))
            {
                var length = RandomAccess.GetLength(file);
                if (length > TagLength && length <= longest + TagLength)
                {
                    packed.SetLength(length);
                    var bytes = packed.GetBuffer().AsSpan(0, (int)length);
                    var read = RandomAccess.Read(file, bytes, 0);
                    if (read == length && IsWhole(name, bytes))
                    {
                        packed.SetLength(length - TagLength);
                        File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
                        Use(entry);
                        return true;
                    }
                }
            }

            _entries.TryRemove(name, out _);
            File.Delete(PathOf(name));
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            _entries.TryRemove(name, out _);
            _problem = e.Message;
        }

        return false;
    }

    /// <summary>Keeps a block's compressed form, if there is room for it beside the others of this packing.</summary>
    public void Write(string name, ReadOnlyMemory<byte> packed)
    {
        var entry = new Entry(packed.Length + TagLength, DateTime.UtcNow);
        if (_problem is not null || Volatile.Read(ref _used) + entry.Size > _most)
        {
            return;
        }

        var tag = new byte[TagLength];
        Authenticate(FileKey, NonceOf(name), packed.Span, tag);
        try
        {
            WriteWhole(PathOf(name), [packed, tag]);
            _entries[name] = entry;
            Use(entry);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            _problem = e.Message;
        }
    }

    /// <summary>Removes what was unused for longest until the rest fits.</summary>
    public void Trim()
    {
        long kept = 0;
        foreach (var (name, entry) in _entries.OrderByDescending(static e => e.Value.IsUsed).ThenByDescending(static e => e.Value.Time))
        {
            kept += entry.Size;
            if (kept <= _most)
            {
                continue;
            }

            try
            {
                File.Delete(PathOf(name));
            }
            catch (Exception e) when (IsOfDisk(e))
            {
                _problem = e.Message;
            }
        }
    }

    private static bool IsOfDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    private static ReadOnlySpan<byte> NonceOf(string name) => Convert.FromHexString(name.AsSpan(0, 2 * NonceLength));

    private static void Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> data, Span<byte> tag)
    {
        using var gcm = new AesGcm(key, TagLength);
        gcm.Encrypt(nonce, [], [], tag[..TagLength], data);
    }

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

    private bool IsWhole(string name, ReadOnlySpan<byte> file)
    {
        Span<byte> tag = stackalloc byte[TagLength];
        Authenticate(FileKey, NonceOf(name), file[..^TagLength], tag);
        return CryptographicOperations.FixedTimeEquals(tag, file[^TagLength..]);
    }

    private byte[]? ReadKey()
    {
        var path = PathOf(KeyName);
        return File.Exists(path) && new FileInfo(path).Length == KeyLength ? File.ReadAllBytes(path) : null;
    }

    private byte[] MakeKey()
    {
        // Without the key of the others there is no use for them.
        foreach (var name in _entries.Keys)
        {
            File.Delete(PathOf(name));
        }

        _entries.Clear();
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        WriteWhole(PathOf(KeyName), [key]);
        return key;
    }

    /// <summary>Never half a file under the name. After a power failure it may be one of the right length with other bytes: that is what the check is for.</summary>
    private void WriteWhole(string path, IReadOnlyList<ReadOnlyMemory<byte>> bytes)
    {
        var unfinished = PathOf(Guid.NewGuid().ToString("N") + UnfinishedSuffix);
        try
        {
            using (var file = File.OpenHandle(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, bytes, 0);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private void Use(Entry entry)
    {
        entry.IsUsed = true;
        Interlocked.Add(ref _used, entry.Size);
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private sealed class Entry(long size, DateTime time)
    {
        public long Size => size;

        public DateTime Time => time;

        public bool IsUsed { get; set; }
    }
}
