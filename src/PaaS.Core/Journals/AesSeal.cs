using System.Security.Cryptography;

namespace PaaS.Core;

/// <summary>AES-256-GCM with a random nonce: nonce (12 bytes), tag (16), ciphertext. The app's id is bound to it.</summary>
public static class AesSeal
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>The size of a key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="plaintext">What to seal.</param>
    /// <param name="context">What the result is bound to; opening needs the same.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context)
    {
        var result = new byte[NonceSize + TagSize + plaintext.Length];
        var nonce = result.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plaintext, result.AsSpan(NonceSize + TagSize), result.AsSpan(NonceSize, TagSize), context);
        return result;
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <param name="key">The same key.</param>
    /// <param name="sealedBytes">What was sealed.</param>
    /// <param name="context">The same context.</param>
    /// <exception cref="CryptographicException">Another key, another context, or changed bytes.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> context)
    {
        if (sealedBytes.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("The sealed value is too short.");
        }

        var plaintext = new byte[sealedBytes.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(sealedBytes[..NonceSize], sealedBytes[(NonceSize + TagSize)..], sealedBytes.Slice(NonceSize, TagSize), plaintext, context);
        return plaintext;
    }
}
