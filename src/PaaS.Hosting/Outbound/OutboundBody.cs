using System.Net.Http.Headers;

namespace PaaS.Hosting;

/// <summary>A body that ends with an error, not with memory or time, when it is larger or slower than its limits.</summary>
internal sealed class OutboundBody(Stream inner, HttpResponseMessage response, long maximumBytes, OutboundDeadline deadline) : Stream
{
    private long _read;

    /// <summary>What the server says of the body.</summary>
    public HttpContentHeaders Headers => response.Content.Headers;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public static OutboundException TooLarge(long maximumBytes) =>
        new(OutboundFailure.TooLarge, $"The file at the URL is larger than {maximumBytes} bytes, the most that is taken.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await deadline.RunAsync(token => inner.ReadAsync(buffer, token).AsTask(), cancellationToken);
        _read += count;
        return _read <= maximumBytes ? count : throw TooLarge(maximumBytes);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The limits hold only where a read can be given up.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

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
            inner.Dispose();
            response.Dispose();
            deadline.Dispose();
        }

        base.Dispose(disposing);
    }
}
