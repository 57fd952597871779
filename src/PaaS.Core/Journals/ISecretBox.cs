namespace PaaS.Core;

/// <summary>
/// Seals what must not stand in the journal in plain text, with a key per app. When an app is destroyed its key is
/// forgotten, and with it every value that was ever sealed for it.
/// </summary>
public interface ISecretBox
{
    /// <summary>Encrypts and authenticates. Makes the app's key if it has none; the key is durable before this returns.</summary>
    /// <param name="app">The app whose key to use.</param>
    /// <param name="plaintext">What to seal.</param>
    byte[] Seal(AppId app, ReadOnlySpan<byte> plaintext);

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <param name="app">The app whose key to use.</param>
    /// <param name="sealedBytes">What was sealed.</param>
    /// <returns>The plain text, or <see langword="null"/> if the app's key has been forgotten.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The bytes are not what was sealed for this app.</exception>
    byte[]? Open(AppId app, ReadOnlySpan<byte> sealedBytes);

    /// <summary>Destroys the app's key. Durable before it returns.</summary>
    /// <param name="app">The app.</param>
    void Forget(AppId app);
}
