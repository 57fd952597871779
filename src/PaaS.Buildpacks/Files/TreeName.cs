using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>The name of one entry of a directory: bytes without '/' and NUL, not always valid UTF-8.</summary>
internal readonly struct TreeName
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly byte[] _terminated;

    private TreeName(byte[] terminated, TreeEntryKind? listedAs = null)
    {
        _terminated = terminated;
        ListedAs = listedAs;
    }

    /// <summary>The bytes of the name.</summary>
    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    /// <summary>The bytes and a final NUL, as the operating system takes them.</summary>
    public byte[] Terminated => _terminated;

    /// <summary>What the listing that the name came from said it is, if it did. It may be something else by now.</summary>
    public TreeEntryKind? ListedAs { get; }

    public static TreeName Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static TreeName Of(ReadOnlySpan<byte> bytes, TreeEntryKind? listedAs = null)
    {
        var terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(terminated);
        return new TreeName(terminated, listedAs);
    }

    /// <summary>The name as text, or null when its bytes are not valid UTF-8.</summary>
    public string? Text
    {
        get
        {
            try
            {
                return Strict.GetString(Bytes);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }
    }

    /// <summary>The name fit for a message.</summary>
    public override string ToString() => Shown(Encoding.UTF8.GetString(Bytes));

    /// <summary>A text from outside, fit for a message: at most 200 characters, control characters as escapes.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.Length > 200 ? text.AsSpan(0, 200) : text)
        {
            _ = char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                : shown.Append(c);
        }

        return text.Length > 200 ? shown.Append('…').ToString() : shown.ToString();
    }
}
