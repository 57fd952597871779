using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PaaS.Hosting;

/// <summary>
/// Keys in files: one of the host, and one per app that is sealed with the host's. Destroying an app deletes its key
/// file, and with it every config var that the journal still holds for that app.
/// </summary>
public sealed class FileSecretBox : ISecretBox
{
    private const string Suffix = ".key";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<AppId, byte[]> _keys = new();
    private readonly string _directory;
    private readonly byte[] _hostKey;

    private FileSecretBox(string directory, byte[] hostKey)
    {
        _directory = directory;
        _hostKey = hostKey;
    }

    /// <summary>Opens the keys of a data directory; makes the host's key if the directory has none yet.</summary>
    /// <param name="data">The data directory.</param>
    /// <exception cref="DataDirectoryException">The host's key is missing, damaged or another one than sealed the apps' keys.</exception>
    public static FileSecretBox Open(DataDirectory data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var box = new FileSecretBox(data.KeysDirectory, LoadOrCreateHostKey(data));
        box.RequireMatchingKeys(data.HostKeyPath);
        return box;
    }

    /// <inheritdoc/>
    public byte[] Seal(AppId app, ReadOnlySpan<byte> plaintext) => AesSeal.Seal(KeyOf(app) ?? MakeKey(app), plaintext, Context(app));

    /// <inheritdoc/>
    public byte[]? Open(AppId app, ReadOnlySpan<byte> sealedBytes) => KeyOf(app) is { } key ? AesSeal.Open(key, sealedBytes, Context(app)) : null;

    /// <inheritdoc/>
    public void Forget(AppId app)
    {
        lock (_gate)
        {
            DurableFile.Delete(PathOf(app));
            _keys.TryRemove(app, out _);
        }
    }

    private static byte[] Context(AppId app) => app.Value.ToByteArray();

    private string PathOf(AppId app) => Path.Combine(_directory, app + Suffix);

    private byte[]? KeyOf(AppId app)
    {
        if (_keys.TryGetValue(app, out var key))
        {
            return key;
        }

        // Loading and forgetting exclude each other, or a key could come back from the file that is being deleted.
        lock (_gate)
        {
            return _keys.TryGetValue(app, out key) || !File.Exists(PathOf(app)) ? key : _keys[app] = Load(app);
        }
    }

    private byte[] MakeKey(AppId app)
    {
        lock (_gate)
        {
            if (KeyOf(app) is { } existing)
            {
                return existing;
            }

            var key = RandomNumberGenerator.GetBytes(AesSeal.KeySize);
            DurableFile.Write(PathOf(app), AesSeal.Seal(_hostKey, key, Context(app)));
            return _keys[app] = key;
        }
    }

    private byte[] Load(AppId app)
    {
        try
        {
            return AesSeal.Open(_hostKey, File.ReadAllBytes(PathOf(app)), Context(app));
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"The key file '{PathOf(app)}' is damaged, or was sealed with another host key. Restore it from a backup.", e);
        }
    }

    private static byte[] LoadOrCreateHostKey(DataDirectory data)
    {
        if (File.Exists(data.HostKeyPath))
        {
            Posix.SetMode(data.HostKeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var stored = File.ReadAllBytes(data.HostKeyPath);
            return stored.Length == AesSeal.KeySize
                ? stored
                : throw new DataDirectoryException($"The host key '{data.HostKeyPath}' has {stored.Length} bytes instead of {AesSeal.KeySize}. Restore it from a backup: without it no config var can be read.");
        }

        if (Directory.EnumerateFiles(data.KeysDirectory, "*" + Suffix).Any())
        {
            throw new DataDirectoryException($"The host key '{data.HostKeyPath}' is missing, but '{data.KeysDirectory}' holds keys of apps that only it can open. Restore it from a backup: without it no config var can be read.");
        }

        var made = RandomNumberGenerator.GetBytes(AesSeal.KeySize);
        DurableFile.Write(data.HostKeyPath, made);
        return made;
    }

    // A host key from another backup is noticed now, not at the first config var. One damaged file of an app is that app's trouble alone.
    private void RequireMatchingKeys(string hostKeyPath)
    {
        var apps = Directory.EnumerateFiles(_directory, "*" + Suffix)
            .Select(path => AppId.TryParse(Path.GetFileNameWithoutExtension(path), null, out var app) ? app : (AppId?)null)
            .OfType<AppId>();
        var any = false;
        foreach (var app in apps)
        {
            any = true;
            if (CanLoad(app))
            {
                return;
            }
        }

        if (any)
        {
            throw new DataDirectoryException($"The host key '{hostKeyPath}' opens none of the apps' keys in '{_directory}': it is another one. Restore both from the same backup.");
        }
    }

    private bool CanLoad(AppId app)
    {
        try
        {
            return Load(app).Length == AesSeal.KeySize;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
