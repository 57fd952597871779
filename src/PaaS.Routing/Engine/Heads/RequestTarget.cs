using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
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

    /// <summary>Finds the end of a target.</summary>
    /// <param name="input">The bytes; somewhere behind the target there is a CR.</param>
    /// <param name="start">Where the target begins.</param>
    /// <param name="path">Where it ends without its fragment.</param>
    /// <param name="end">The blank behind it, or the CR if there is none.</param>
    /// <returns>False: it holds a control character.</returns>
    public static bool TryFindEnd(ReadOnlySpan<byte> input, int start, out int path, out int end)
    {
        path = start + Length(input[start..]);
        for (end = path; input[end] == '#'; end += 1 + Length(input[(end + 1)..]))
        {
        }

        return input[end] is (byte)' ' or (byte)'\r';
    }

    /// <summary>Reads a target.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="target">Where it stands, without its fragment.</param>
    /// <param name="isOptions">Whether the method is OPTIONS, the one that may have <c>*</c>.</param>
    /// <param name="read">Its parts.</param>
    public static bool TryRead(ReadOnlySpan<byte> input, Slice target, bool isOptions, out RequestTarget read)
    {
        read = default;
        var text = target.Of(input);
        if (text.Length > 0 && text[0] == '/')
        {
            read = new RequestTarget(target, default);
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

        var rest = text[scheme..];
        var authority = rest.IndexOfAny((byte)'/', (byte)'?');
        authority = authority < 0 ? rest.Length : authority;
        read = new RequestTarget(new Slice(target.Start + scheme + authority, rest.Length - authority), new Slice(target.Start + scheme, authority));
        return authority > 0;
    }

    /// <summary>The bytes before the first that is none of a path: a control character, a blank or <c>#</c>.</summary>
    private static int Length(ReadOnlySpan<byte> text)
    {
        if (text.Length >= Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(text);
            var stops = Vector128.LessThanOrEqual(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'#')) | Vector128.Equals(bytes, Vector128.Create((byte)127));
            if (stops != Vector128<byte>.Zero)
            {
                return BitOperations.TrailingZeroCount(stops.ExtractMostSignificantBits());
            }
        }

        var length = text.IndexOfAny(Stops);
        return length < 0 ? text.Length : length;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);
}
