using System.Buffers;

namespace PaaS.Routing;

/// <summary>Bytes that were received and not taken yet: a small array of its own, and one of the pool while there are more.</summary>
internal sealed class ReceiveBuffer
{
    private const int OwnSize = 4096;

    private byte[]? _own;
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public ReadOnlySpan<byte> Held => _bytes.AsSpan(_start, Length);

    /// <summary>Room behind what is held, at least one byte.</summary>
    public Memory<byte> Room()
    {
        if (Length == 0)
        {
            Clear();
            _bytes = _own ??= GC.AllocateUninitializedArray<byte>(OwnSize);
        }
        else if (_start > 0)
        {
            Held.CopyTo(_bytes);
            (_start, _end) = (0, Length);
        }

        if (_end == _bytes.Length)
        {
            Hold(Held, _bytes.Length * 2);
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>So many bytes were put into <see cref="Room"/>.</summary>
    /// <returns>Whether it is full: there may be more to be had at once.</returns>
    public bool Advance(int count)
    {
        _end += count;
        return _end == _bytes.Length;
    }

    /// <summary>So many bytes were taken.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Holds these bytes in place of what was held.</summary>
    public void Hold(ReadOnlySpan<byte> bytes, int size = 0)
    {
        var array = bytes.Length <= OwnSize && size <= OwnSize
            ? _own ??= GC.AllocateUninitializedArray<byte>(OwnSize)
            : ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, size));
        bytes.CopyTo(array);
        if (_bytes != array)
        {
            GiveBack();
        }

        (_bytes, _start, _end) = (array, 0, bytes.Length);
    }

    public void Clear()
    {
        GiveBack();
        (_bytes, _start, _end) = ([], 0, 0);
    }

    private void GiveBack()
    {
        if (_bytes.Length > 0 && _bytes != _own)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
