namespace PaaS.Core;

/// <summary>
/// Tells what a generator of keys made from what people wrote. Words, names, paths, addresses and versions are made of pairs of letters that
/// often stand together; random text is not, and it changes between letters, capitals and digits all the time.
/// </summary>
internal static class RandomText
{
    /// <summary>The shortest text that can be told: 16 bytes.</summary>
    public const int MinBytes = 16;

    private const int MinDistinct = 7;
    private const int MinPairs = 5;

    /// <summary>What share of the pairs must be unusual: random text has more than half of them, English less than a tenth.</summary>
    private const double Threshold = 0.31;

    /// <summary>Signs that generators of passwords use and that seldom stand between letters elsewhere.</summary>
    private const string OddSigns = "!#$%^&*~|?<>";

    /// <summary>For each letter those that often follow it: 267 pairs, which make up 94 of 100 in the words of technical English.</summary>
    private static readonly uint[] Usual = [.. ((string[])
    [
        "bcdgiklmnprstuvy", "aeilorsuy", "acehikloprstu", "adeilorsu", "abcdefghilmnopqrstuvwxy", "aefilorsu", "aehilnorsu", "aeiort", "abcdefglmnoprstvz",
        "eaou", "eis", "adeilostuvy", "abeilmopsu", "acdefgiklnostuv", "abcdfgiklmnoprstuvw", "aehiloprstu", "u", "acdefgiklmnoprstuvy",
        "acefhiklmopstuy", "acdefhilmnoprstuy", "abcdefgilmnprst", "aei", "aeior", "epst", "lnpst", "e",
    ]).Select(static following => following.Aggregate(0u, static (set, letter) => set | (1u << (letter - 'a'))))];

    /// <summary>Whether a text of 16 bytes or more looks random. It may hold random text beside other text.</summary>
    public static bool Looks(string text)
    {
        if (text.Length < MinBytes || text.Distinct().Take(MinDistinct).Count() < MinDistinct)
        {
            return false;
        }

        var (pairs, unusual) = (0, 0.0);
        for (var i = 1; i < text.Length; i++)
        {
            var share = Unusual(text[i - 1], text[i]);
            (pairs, unusual) = share is { } one ? (pairs + 1, unusual + one) : (pairs, unusual);
        }

        return pairs >= MinPairs && unusual >= pairs * Threshold;
    }

    /// <summary>How unusual a pair is, 0 to 1; null if it says nothing.</summary>
    private static double? Unusual(char first, char second)
    {
        if (OddSigns.Contains(first, StringComparison.Ordinal) || OddSigns.Contains(second, StringComparison.Ordinal))
        {
            return char.IsAsciiLetterOrDigit(first) || char.IsAsciiLetterOrDigit(second) ? 1 : null;
        }

        if (!char.IsAsciiLetterOrDigit(first) || !char.IsAsciiLetterOrDigit(second) || (char.IsAsciiDigit(first) && char.IsAsciiDigit(second)))
        {
            return null;
        }

        if (char.IsAsciiDigit(first) || char.IsAsciiDigit(second))
        {
            return 1;
        }

        // A capital in the middle of a word: common in identifiers, but not as common as in random text.
        return char.IsAsciiLetterLower(first) && char.IsAsciiLetterUpper(second) ? 0.5
            : (Usual[(first | 0x20) - 'a'] >> ((second | 0x20) - 'a') & 1) == 1 ? 0 : 1;
    }
}
