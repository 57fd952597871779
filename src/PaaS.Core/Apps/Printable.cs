namespace PaaS.Core;

/// <summary>Text from outside, made fit to stand in a message: what is not printable ASCII or a letter becomes an escape.</summary>
internal static class Printable
{
    /// <summary>The text with control characters, lone surrogates and the like written as <c>\uXXXX</c>.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var plain = true;
        foreach (var c in text)
        {
            plain &= IsPlain(c);
        }

        if (plain)
        {
            return text.ToString();
        }

        var builder = new System.Text.StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsPlain(c))
            {
                builder.Append(c);
            }
            else
            {
                builder.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return builder.ToString();
    }

    /// <summary>The text, cut to a number of characters with an ellipsis, made printable.</summary>
    public static string Of(ReadOnlySpan<char> text, int limit) => text.Length <= limit ? Of(text) : Of(text[..limit]) + "…";

    private static bool IsPlain(char c) => c is >= ' ' and < '\x7f' || (c > '\x9f' && char.IsLetterOrDigit(c));
}
