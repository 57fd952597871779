namespace PaaS.Runtime;

/// <summary>
/// Cuts output into lines: at each line feed, and after 10,000 bytes without one. Bytes are kept as they are; a carriage
/// return stays. However long a line, no more than its last piece is held.
/// </summary>
/// <param name="emit">Gets each line, in order, without its line feed; the bytes are its own.</param>
internal sealed class LineSplitter(Action<ReadOnlyMemory<byte>> emit)
{
    private readonly byte[] _rest = new byte[LogStream.MaxLineBytes];
    private int _length;

    /// <summary>Takes the next bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            while (_length + part.Length > _rest.Length)
            {
                var piece = part[..(_rest.Length - _length)];
                Keep(piece);
                Emit();
                part = part[piece.Length..];
            }

            Keep(part);
            if (end < 0)
            {
                return;
            }

            Emit();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>No more bytes come: what is there is the last line.</summary>
    public void Complete()
    {
        if (_length > 0)
        {
            Emit();
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_rest.AsSpan(_length));
        _length += part.Length;
    }

    private void Emit()
    {
        emit(_rest.AsSpan(0, _length).ToArray());
        _length = 0;
    }
}
