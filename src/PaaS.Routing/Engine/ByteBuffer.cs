using System.Buffers;
using System.Buffers.Text;

namespace PaaS.Routing;

/// <summary>Bytes that are put together piece by piece. The memory is kept for the next use: nothing is allocated once it is large enough.</summary>
internal sealed class ByteBuffer : IDisposable
{
    private const int FirstSize = 1024;

    /// <summary>More than this is given back when the buffer is cleared: one large head must not hold memory for the life of a connection.</summary>
    private const int KeptSize = 8 * 1024;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Room for at least <paramref name="size"/> bytes behind what is written; tell with <see cref="Advance"/> how many were used.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - Length < size)
        {
            Grow(size);
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Write(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void WriteNumber(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(20), out var written);
        Length += written;
    }

    public void WriteHex(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(16), out var written, new StandardFormat('x'));
        Length += written;
    }

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Cuts off what stands behind <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptSize)
        {
            Dispose();
        }
    }

    /// <summary>Gives the memory back; the buffer can be used again.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        Length = 0;
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(_bytes.Length * 2, Length + size)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
