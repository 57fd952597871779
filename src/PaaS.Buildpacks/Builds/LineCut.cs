namespace PaaS.Buildpacks;

/// <summary>Where a line can be cut so that neither a character of UTF-8 nor a colour is torn apart.</summary>
internal static class LineCut
{
    private const int LongestColour = 32;

    /// <summary>The last good place at or before a place within the line; the place itself if there is none nearby.</summary>
    public static int Before(ReadOnlySpan<byte> line, int most)
    {
        if (line.Length <= most)
        {
            return line.Length;
        }

        var cut = most;
        var escape = line[Math.Max(0, most - LongestColour)..most].LastIndexOf((byte)0x1b);
        if (escape >= 0)
        {
            var start = Math.Max(0, most - LongestColour) + escape;
            cut = line[start..most].Contains((byte)'m') || start == 0 ? most : start;
        }

        return cut < most ? cut : IsInside(line[cut]) ? Math.Max(WholeCharacters(line[..cut]), 1) : cut;
    }

    /// <summary>How many bytes there are without a character at the end that is not complete yet.</summary>
    public static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var value = text[^back];
            if (!IsInside(value))
            {
                var length = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : value >= 0xc0 ? 2 : 1;
                return length > back ? text.Length - back : text.Length;
            }
        }

        return text.Length;
    }

    private static bool IsInside(byte value) => (value & 0xc0) == 0x80;
}
