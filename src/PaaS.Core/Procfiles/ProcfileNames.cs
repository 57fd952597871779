using System.Buffers;

namespace PaaS.Core;

/// <summary>The lexical rules that more than one way of reading a Procfile needs.</summary>
internal static class ProcfileNames
{
    /// <summary>The longest name in Cloud Native Buildpacks, which is the longest label in DNS.</summary>
    public const int MaxPortableLength = 63;

    public const char ByteOrderMark = '\uFEFF';

    private static readonly SearchValues<char> Portable = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether all of Heroku takes the name as it is: <c>[a-z0-9]([a-z0-9-]*[a-z0-9])?</c>, at most 63 characters.</summary>
    public static bool IsPortable(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxPortableLength
        && name[0] != '-'
        && name[^1] != '-'
        && !name.ContainsAnyExcept(Portable);

    public static bool IsBlank(char c) => c is ' ' or '\t';

    public static bool IsComment(ReadOnlySpan<char> line) => line.TrimStart(" \t").StartsWith('#');

    /// <summary>The lines that git leaves in a file it could not merge: seven of a kind, then a blank or nothing.</summary>
    public static bool IsConflictMarker(ReadOnlySpan<char> line)
    {
        if (line.Length < 7 || line[0] is not ('<' or '>' or '=' or '|') || line[..7].ContainsAnyExcept(line[0]))
        {
            return false;
        }

        return line[0] == '=' ? line[7..].Trim(" \t").IsEmpty : line.Length == 7 || IsBlank(line[7]);
    }

    /// <summary>The lines of a text; they end with LF, CR LF or CR.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string text, int start = 0)
    {
        var number = 1;
        while (start < text.Length)
        {
            var length = text.AsSpan(start).IndexOfAny('\r', '\n');
            if (length < 0)
            {
                yield return (number, text[start..]);
                yield break;
            }

            var end = start + length;
            yield return (number++, text[start..end]);
            start = end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
        }
    }

    /// <summary>Where in a command a shell would begin a comment: a <c>#</c> after a blank, outside of quotes; -1 if nowhere.</summary>
    public static int FindShellComment(ReadOnlySpan<char> command)
    {
        var quote = '\0';
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c == '\\' && quote != '\'')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == '#' && (i == 0 || IsBlank(command[i - 1])))
            {
                return i;
            }
        }

        return -1;
    }
}
