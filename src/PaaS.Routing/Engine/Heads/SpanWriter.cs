using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace PaaS.Routing;

/// <summary>Writes into room that was made large enough before; too little of it throws, never writes beside it.</summary>
internal ref struct SpanWriter(Span<byte> room)
{
    private readonly int _size = room.Length;
    private Span<byte> _rest = room;

    public readonly int Length => _size - _rest.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }

    public void WriteNumber(long value)
    {
        if (!Utf8Formatter.TryFormat(value, _rest, out var written))
        {
            throw new ArgumentException("There is not enough room for a number.", nameof(value));
        }

        _rest = _rest[written..];
    }
}
