namespace PaaS.Buildpacks;

/// <summary>
/// Keeps a colour that a program leaves on to its own lines: each of them ends plain and the next begins with it again, for other lines
/// come between, and each may be looked at alone.
/// </summary>
internal sealed class LineColours
{
    /// <summary>The most bytes of colours that are repeated.</summary>
    public const int MaxBytes = 64;

    private byte[] _on = [];

    /// <summary>Adds to a line what it needs to be looked at alone.</summary>
    public byte[] Close(string indent, ReadOnlySpan<byte> line)
    {
        var on = _on;
        _on = After(on, line);
        return [.. System.Text.Encoding.UTF8.GetBytes(indent), .. on, .. line, .. _on.Length > 0 ? "\u001b[0m"u8 : []];
    }

    private static byte[] After(byte[] on, ReadOnlySpan<byte> line)
    {
        for (var escape = line.IndexOf((byte)0x1b); escape >= 0; escape = line.IndexOf((byte)0x1b))
        {
            line = line[escape..];
            var end = line.IndexOf((byte)'m');
            if (end < 0)
            {
                break;
            }

            var colour = line[..(end + 1)];
            var resets = colour.SequenceEqual("\u001b[m"u8) || colour.StartsWith("\u001b[0m"u8) || colour.StartsWith("\u001b[0;"u8) || colour.StartsWith("\u001b[00"u8);
            var isOnlyReset = resets && colour[2..^1].IndexOfAnyExcept((byte)'0') < 0;
            on = isOnlyReset ? [] : resets || on.Length + colour.Length > MaxBytes ? colour.ToArray() : [.. on, .. colour];
            line = line[(end + 1)..];
        }

        return on;
    }
}
