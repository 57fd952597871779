using System.Diagnostics.CodeAnalysis;

namespace PaaS.Buildpacks;

/// <summary>One line of a .slugignore.</summary>
internal sealed class SlugIgnorePattern
{
    private readonly string[] _names;
    private readonly bool _directoriesOnly;

    private SlugIgnorePattern(string[] names, bool directoriesOnly)
    {
        _names = names;
        _directoriesOnly = directoriesOnly;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SlugIgnorePattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        problem = text[0] == '!' ? "there is no negation; list what is to be removed instead."
            : text.Length > 1024 ? "it is longer than 1,024 characters."
            : null;
        if (problem is not null)
        {
            return false;
        }

        var directoriesOnly = text.EndsWith('/');
        var anchored = text.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        var names = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static n => n != ".").ToList();
        if (names.Contains("..") || names.Count == 0)
        {
            problem = "it points outside the app, or at all of it.";
            return false;
        }

        if (!anchored)
        {
            names.Insert(0, "**");
        }

        pattern = new SlugIgnorePattern([.. names], directoriesOnly);
        return true;
    }

    public bool Matches(IReadOnlyList<string> path, bool isDirectory)
    {
        if (_directoriesOnly && !isDirectory)
        {
            return false;
        }

        // matched[j]: the pattern so far matches the first j names.
        var matched = new bool[path.Count + 1];
        matched[0] = true;
        for (var i = 0; i < _names.Length; i++)
        {
            if (_names[i] == "**")
            {
                // At the end it stands for what is inside, not for the directory itself.
                var least = i == _names.Length - 1 ? 1 : 0;
                var any = false;
                var next = new bool[matched.Length];
                for (var j = 0; j < matched.Length; j++)
                {
                    next[j] = least == 0 ? any || matched[j] : any;
                    any |= matched[j];
                }

                matched = next;
            }
            else
            {
                for (var j = path.Count; j >= 1; j--)
                {
                    matched[j] = matched[j - 1] && Glob(_names[i], path[j - 1]);
                }

                matched[0] = false;
            }
        }

        return matched[^1];
    }

    /// <summary>Matches one name. Goes back only to the last star, so the time is at most the product of the lengths.</summary>
    private static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, from = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                from = n;
            }
            else if (p < pattern.Length && One(pattern, p, name[n]) is var length and > 0)
            {
                p += length;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++from;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    /// <summary>How many characters of the pattern stand for this one character; 0 if they do not match.</summary>
    private static int One(ReadOnlySpan<char> pattern, int at, char c)
    {
        switch (pattern[at])
        {
            case '?':
                return 1;
            case '\\' when at + 1 < pattern.Length:
                return pattern[at + 1] == c ? 2 : 0;
            case '[' when pattern[(at + 1)..].IndexOf(']') is var end and > 0:
                return InClass(pattern.Slice(at + 1, end), c) ? end + 2 : 0;
            default:
                return pattern[at] == c ? 1 : 0;
        }
    }

    private static bool InClass(ReadOnlySpan<char> members, char c)
    {
        var negated = members[0] is '!' or '^';
        members = negated ? members[1..] : members;
        var found = false;
        for (var i = 0; i < members.Length; i++)
        {
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                found |= c >= members[i] && c <= members[i + 2];
                i += 2;
            }
            else
            {
                found |= members[i] == c;
            }
        }

        return found != negated;
    }
}
