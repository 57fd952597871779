using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PaaS.Core;

/// <summary>Keys in memory: for tests, and for hosts that keep nothing.</summary>
public sealed class InMemorySecretBox : ISecretBox
{
    private readonly ConcurrentDictionary<AppId, byte[]> _keys = new();

    /// <inheritdoc/>
    public byte[] Seal(AppId app, ReadOnlySpan<byte> plaintext) =>
        AesSeal.Seal(_keys.GetOrAdd(app, _ => RandomNumberGenerator.GetBytes(AesSeal.KeySize)), plaintext, app.Value.ToByteArray());

    /// <inheritdoc/>
    public byte[]? Open(AppId app, ReadOnlySpan<byte> sealedBytes) =>
        _keys.TryGetValue(app, out var key) ? AesSeal.Open(key, sealedBytes, app.Value.ToByteArray()) : null;

    /// <inheritdoc/>
    public void Forget(AppId app) => _keys.TryRemove(app, out _);
}
