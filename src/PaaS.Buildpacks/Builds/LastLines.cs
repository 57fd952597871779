namespace PaaS.Buildpacks;

/// <summary>The end of what is left out of an output: at most 100 lines and 64 KiB.</summary>
internal sealed class LastLines
{
    private const int MaxLines = 100;
    private const int MaxBytes = 64 * 1024;
    private readonly Queue<byte[]> _lines = [];
    private long _bytes;
    private long _count;

    public void Add(byte[] line)
    {
        _lines.Enqueue(line);
        (_bytes, _count) = (_bytes + line.Length, _count + 1);
        while (_lines.Count > MaxLines || _bytes > MaxBytes)
        {
            _bytes -= _lines.Dequeue().Length;
        }
    }

    /// <summary>Takes them out.</summary>
    /// <param name="count">How many lines there were in all.</param>
    public List<byte[]> Take(out long count)
    {
        count = _count;
        List<byte[]> lines = [.. _lines];
        _lines.Clear();
        (_bytes, _count) = (0, 0);
        return lines;
    }
}
