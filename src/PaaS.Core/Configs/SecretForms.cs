using System.Text;

namespace PaaS.Core;

/// <summary>
/// The byte strings that a secret can be recognised by: each of its lines, and base64 of its lines and of all of it, standard and
/// URL-safe, wherever it begins in what was encoded. None holds a line break. What percent signs or backslashes stand for is seen to when a text is read.
/// </summary>
internal static class SecretForms
{
    /// <summary>So many characters of base64 must be sure: fewer are met in words, too.</summary>
    private const int MinBase64 = 6;

    /// <summary>Where tools break base64 into lines: <c>openssl</c> and PEM, MIME and <c>base64</c>.</summary>
    private static readonly int[] Widths = [64, 76];

    public static IEnumerable<byte[]> Of(string secret, int minBytes)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var lines = secret.Split('\n', StringSplitOptions.TrimEntries).Where(line => !IsArmour(line)).Select(Encoding.UTF8.GetBytes).Where(line => line.Length >= minBytes).ToList();
        var isOneLine = lines is [var only] && only.Length == bytes.Length;
        foreach (var line in lines)
        {
            // Of several lines some may be words that everybody uses.
            if (isOneLine || !ConfigSecrets.IsPlain(Encoding.UTF8.GetString(line)))
            {
                yield return line;
                foreach (var form in Base64(line))
                {
                    yield return form;
                }
            }
        }

        foreach (var form in isOneLine ? [] : Base64(bytes))
        {
            yield return form;
        }

        foreach (var piece in Wrapped(bytes))
        {
            yield return piece;
        }
    }

    /// <summary><c>-----BEGIN PRIVATE KEY-----</c> is the same for everybody.</summary>
    private static bool IsArmour(string line) => line.StartsWith("-----BEGIN ", StringComparison.Ordinal) || line.StartsWith("-----END ", StringComparison.Ordinal);

    private static IEnumerable<byte[]> Base64(byte[] secret)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            // Before and after the secret may stand anything: only characters whose six bits are all the secret's are sure.
            var padded = new byte[offset + secret.Length];
            secret.CopyTo(padded, offset);
            var text = Convert.ToBase64String(padded);
            var start = (offset * 8 + 5) / 6;
            var end = padded.Length * 8 / 6;
            if (end - start >= MinBase64)
            {
                foreach (var form in InBothAlphabets(text[start..end]))
                {
                    yield return form;
                }

                // At the end of what was encoded, with and without padding.
                if (end < text.Length)
                {
                    foreach (var form in InBothAlphabets(text[start..(end + 1)]).Concat(InBothAlphabets(text[start..])))
                    {
                        yield return form;
                    }
                }
            }
        }
    }

    private static IEnumerable<byte[]> Wrapped(byte[] secret)
    {
        var text = Convert.ToBase64String(secret);
        foreach (var width in Widths.Where(width => text.Length > width))
        {
            for (var start = 0; start < text.Length; start += width)
            {
                var piece = text[start..Math.Min(text.Length, start + width)];
                if (piece.Length > MinBase64)
                {
                    yield return Encoding.ASCII.GetBytes(piece);
                }
            }
        }
    }

    private static IEnumerable<byte[]> InBothAlphabets(string text) =>
        [Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(text.Replace('+', '-').Replace('/', '_'))];
}
