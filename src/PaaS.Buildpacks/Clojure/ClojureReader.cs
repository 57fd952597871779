using System.Text;

namespace PaaS.Buildpacks;

/// <summary>Reads Clojure's forms without evaluating anything.</summary>
/// <param name="text">The source.</param>
internal sealed class ClojureReader(string text)
{
    private const int MaxDepth = 200;
    private const string Ends = "()[]{}\";,";
    private int _at;

    /// <summary>All forms of a source.</summary>
    /// <exception cref="FormatException">It is none: something is not closed, or closed twice.</exception>
    public static IReadOnlyList<ClojureForm> ReadAll(string text)
    {
        var reader = new ClojureReader(text);
        var forms = new List<ClojureForm>();
        while (reader.Skip())
        {
            if (reader.Read(0) is { } form)
            {
                forms.Add(form);
            }
        }

        return forms;
    }

    /// <summary>The next form; null for one that is left out with <c>#_</c>.</summary>
    private ClojureForm? Read(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong($"more than {MaxDepth} forms stand within one another");
        }

        if (!Skip())
        {
            throw Wrong("it ends where a form should stand");
        }

        var c = text[_at];
        switch (c)
        {
            case '(' or '[' or '{':
                _at++;
                return new ClojureList(c, Items(c == '(' ? ')' : c == '[' ? ']' : '}', depth));
            case ')' or ']' or '}':
                throw Wrong($"'{c}' closes nothing");
            case '"':
                return new ClojureString(Quoted());
            case '\\':
                return Character();
            case '\'' or '`' or '@' or '~':
                _at += text.AsSpan(_at).StartsWith("~@") ? 2 : 1;
                return new ClojureList(c, [Needed(depth)]);
            case '^':
                _at++;
                _ = Needed(depth);
                return Needed(depth);
            case '#':
                return Dispatch(depth);
            default:
                return new ClojureAtom(Word());
        }
    }

    /// <summary>What <c>#</c> begins.</summary>
    private ClojureForm? Dispatch(int depth)
    {
        _at++;
        switch (_at < text.Length ? text[_at] : '\0')
        {
            case '_':
                _at++;
                _ = Needed(depth);
                return null;
            case '"':
                return new ClojureString(Quoted());
            case '{' or '(':
                return Read(depth + 1);
            case '\'':
                _at++;
                return Needed(depth);
            case '^':
                return Read(depth + 1);
            case '?' when text.AsSpan(_at).StartsWith("?(") || text.AsSpan(_at).StartsWith("?@("):
                _at += text[_at + 1] == '@' ? 2 : 1;
                return Read(depth + 1);
            case '=':
                _at++;
                return new ClojureList('#', [Needed(depth)]);
            default:
                // A tag such as #inst, and the form that it is for.
                _ = Word();
                return Needed(depth);
        }
    }

    private List<ClojureForm> Items(char close, int depth)
    {
        var items = new List<ClojureForm>();
        while (Skip())
        {
            if (text[_at] == close)
            {
                _at++;
                return items;
            }

            if (Read(depth + 1) is { } form)
            {
                items.Add(form);
            }
        }

        throw Wrong($"a '{close}' is missing at its end");
    }

    private ClojureForm Needed(int depth)
    {
        while (true)
        {
            if (Read(depth + 1) is { } form)
            {
                return form;
            }
        }
    }

    private string Quoted()
    {
        var value = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '"')
            {
                _at++;
                return value.ToString();
            }

            if (text[_at] == '\\' && _at + 1 < text.Length)
            {
                _at++;
                value.Append(text[_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                value.Append(text[_at]);
            }
        }

        throw Wrong("a '\"' is missing at its end");
    }

    private ClojureAtom Character()
    {
        var start = _at++;
        _at = Math.Min(_at + 1, text.Length);
        while (_at < text.Length && char.IsAsciiLetterOrDigit(text[_at]))
        {
            _at++;
        }

        return new ClojureAtom(text[start.._at]);
    }

    private string Word()
    {
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !Ends.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw Wrong($"'{text[Math.Min(_at, text.Length - 1)]}' stands where a word should");
    }

    /// <summary>Goes on to the next form, over blanks and comments. False at the end.</summary>
    private bool Skip()
    {
        while (_at < text.Length)
        {
            if (text[_at] == ';' || text.AsSpan(_at).StartsWith("#!"))
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
            }
            else if (char.IsWhiteSpace(text[_at]) || text[_at] is ',' or '\uFEFF')
            {
                _at++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private FormatException Wrong(string what) => new($"line {text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n') + 1}: {what}");
}
