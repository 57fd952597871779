using System.Buffers;
using System.Text;

namespace PaaS.Routing;

/// <summary>The forms of a request's target (RFC 9112, 3.2). Its bytes are not decoded, and no dot segment is removed.</summary>
/// <param name="Path">The target in origin form, without a fragment; empty if it has no path, or the query alone. <c>*</c> for OPTIONS *.</param>
/// <param name="Authority">The host of an absolute form; empty for the others.</param>
internal readonly record struct RequestTarget(Slice Path, Slice Authority)
{
    private static readonly SearchValues<byte> Stops = SearchValues.Create(
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, (byte)' ', (byte)'#', 127,
    ]);

    /// <summary>Reads a target.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="target">Where it stands; not empty.</param>
    /// <param name="isOptions">Whether the method is OPTIONS, the one that may have <c>*</c>.</param>
    /// <param name="read">Its parts.</param>
    public static bool TryRead(ReadOnlySpan<byte> input, Slice target, bool isOptions, out RequestTarget read)
    {
        read = default;
        var text = target.Of(input);
        var length = text.IndexOfAny(Stops);
        if (length < 0)
        {
            length = text.Length;
        }
        else if (text[length] != '#' || HasControl(text[length..]))
        {
            return false;
        }

        if (length > 0 && text[0] == '/')
        {
            read = new RequestTarget(new Slice(target.Start, length), default);
            return true;
        }

        if (text is [(byte)'*'])
        {
            read = new RequestTarget(target, default);
            return isOptions;
        }

        var scheme = StartsWith(text, "http://"u8) ? 7 : StartsWith(text, "https://"u8) ? 8 : 0;
        if (scheme == 0)
        {
            return false;
        }

        var rest = text[scheme..Math.Max(scheme, length)];
        var authority = rest.IndexOfAny((byte)'/', (byte)'?');
        authority = authority < 0 ? rest.Length : authority;
        read = new RequestTarget(new Slice(target.Start + scheme + authority, rest.Length - authority), new Slice(target.Start + scheme, authority));
        return authority > 0;
    }

    private static bool HasControl(ReadOnlySpan<byte> text) => text.ContainsAnyInRange((byte)0, (byte)' ') || text.Contains((byte)127);

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);
}
