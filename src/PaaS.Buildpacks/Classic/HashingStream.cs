using System.Security.Cryptography;

namespace PaaS.Buildpacks;

/// <summary>Takes the SHA-256 of what is read through it. Disposing it leaves the stream behind it open.</summary>
internal sealed class HashingStream(Stream inner) : Stream
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The digest of all that the stream holds, in hexadecimal: what was not read yet is read now.</summary>
    public async ValueTask<string> FinishAsync(CancellationToken cancellationToken)
    {
        var rest = new byte[16 * 1024];
        while (await ReadAsync(rest, cancellationToken).ConfigureAwait(false) > 0)
        {
            // An archive may end before its file does.
        }

        return Convert.ToHexStringLower(_digest.GetHashAndReset());
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        _digest.AppendData(buffer, offset, read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _digest.AppendData(buffer.Span[..read]);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _digest.Dispose();
        }

        base.Dispose(disposing);
    }
}
