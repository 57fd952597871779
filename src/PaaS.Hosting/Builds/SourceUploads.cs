using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PaaS.Hosting;

/// <summary>
/// Source archives on their way to a build. An upload's address holds 256 random bits and is the credential, as on Heroku;
/// it ends an hour after it was made. The archive is removed when a build has read it, or at the next start.
/// </summary>
internal sealed class SourceUploads
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private const int Most = 1000;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _expires = new(StringComparer.Ordinal);
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly long _maxBytes;

    public SourceUploads(string directory, long maxBytes, TimeProvider time)
    {
        (_directory, _maxBytes, _time) = (Directory.CreateDirectory(directory).FullName, maxBytes, time);
        foreach (var leftover in Directory.EnumerateFiles(_directory))
        {
            File.Delete(leftover);
        }
    }

    public long MaxBytes => _maxBytes;

    /// <summary>Makes an empty file beside the uploads that is gone when it is closed.</summary>
    public FileStream OpenCopy() => new(
        Path.Combine(_directory, $"{Guid.NewGuid():N}.copy"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 128 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);

    /// <summary>Makes an upload's secret; null if too many are open.</summary>
    public string? Issue()
    {
        var now = _time.GetUtcNow();
        foreach (var (old, _) in _expires.Where(upload => upload.Value < now))
        {
            Forget(old);
        }

        if (_expires.Count >= Most)
        {
            return null;
        }

        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _expires[secret] = now + Lifetime;
        return secret;
    }

    public bool Knows(string secret) => _expires.TryGetValue(secret, out var expires) && expires >= _time.GetUtcNow();

    /// <summary>Stores an archive; a second upload to the same address replaces the first.</summary>
    /// <returns>False if it is too large; nothing of it is kept then.</returns>
    public async Task<bool> StoreAsync(string secret, Stream body, CancellationToken cancellationToken)
    {
        // Of two uploads to one address at once, the one that ends last stays.
        var incoming = $"{PathOf(secret)}.{Guid.NewGuid():N}.incoming";
        try
        {
            await using (var file = new FileStream(incoming, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                var buffer = new byte[128 * 1024];
                int read;
                while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    if (file.Position + read > _maxBytes)
                    {
                        return false;
                    }

                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }

            File.Move(incoming, PathOf(secret), overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    /// <summary>Opens an uploaded archive for its build. It is gone when the stream is closed. Null if nothing was uploaded.</summary>
    public Stream? Take(string secret)
    {
        if (!Knows(secret) || !File.Exists(PathOf(secret)))
        {
            return null;
        }

        _expires.TryRemove(secret, out _);
        return new FileStream(PathOf(secret), FileMode.Open, FileAccess.Read, FileShare.None, 128 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
    }

    public bool HasArchive(string secret) => Knows(secret) && File.Exists(PathOf(secret));

    private void Forget(string secret)
    {
        _expires.TryRemove(secret, out _);
        File.Delete(PathOf(secret));
    }

    // A secret that is known was made here, from hex digits: it cannot leave the directory.
    private string PathOf(string secret) => Path.Combine(_directory, secret);
}
