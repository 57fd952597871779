using System.Buffers;

namespace PaaS.Runtime;

/// <summary>
/// Puts a prefix before each line of one process's output. Bytes are kept as they are, blank lines too; a line is written when
/// its line feed has come, so that lines of two processes never mix, or after 64 KiB without one.
/// </summary>
internal sealed class LocalLines
{
    public const int MaxLineBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>Takes the next bytes; whole lines go to the writer.</summary>
    public void Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> prefix, IBufferWriter<byte> to)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            while (_rest.WrittenCount + part.Length > MaxLineBytes)
            {
                var piece = part[..(MaxLineBytes - _rest.WrittenCount)];
                Emit(piece, prefix, to);
                part = part[piece.Length..];
            }

            if (end < 0)
            {
                _rest.Write(part);
                return;
            }

            Emit(part, prefix, to);
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>No more bytes come: what is there is the last line.</summary>
    public void Complete(ReadOnlySpan<byte> prefix, IBufferWriter<byte> to)
    {
        if (_rest.WrittenCount > 0)
        {
            Emit([], prefix, to);
        }
    }

    private void Emit(ReadOnlySpan<byte> part, ReadOnlySpan<byte> prefix, IBufferWriter<byte> to)
    {
        to.Write(prefix);
        to.Write(_rest.WrittenSpan);
        to.Write(part);
        to.Write("\n"u8);
        _rest.ResetWrittenCount();
    }
}
