using System.Text;

namespace PaaS.Hosting;

/// <summary>Reads the entries that git's <c>-z</c> separates by NUL.</summary>
internal sealed class NullSeparated(TextReader reader)
{
    private const int MaxLength = 64 << 10;
    private readonly char[] _buffer = new char[4096];
    private int _start;
    private int _end;

    /// <summary>The next entry; null after the last.</summary>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var entry = new StringBuilder();
        while (true)
        {
            var rest = _buffer.AsMemory(_start, _end - _start);
            var stop = rest.Span.IndexOf('\0');
            if (stop >= 0)
            {
                _start += stop + 1;
                return entry.Append(rest.Span[..stop]).ToString();
            }

            // The end of an entry without bounds is of no use to anyone.
            entry.Append(rest.Span[..Math.Min(rest.Length, MaxLength - Math.Min(entry.Length, MaxLength))]);
            (_start, _end) = (0, await reader.ReadAsync(_buffer.AsMemory(), cancellationToken));
            if (_end == 0)
            {
                return entry.Length == 0 ? null : entry.ToString();
            }
        }
    }
}
