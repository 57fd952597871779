namespace PaaS.Buildpacks;

/// <summary>What a Clojure source holds, as far as a build looks into it.</summary>
internal abstract record ClojureForm;

/// <summary>A string.</summary>
/// <param name="Text">Its characters.</param>
internal sealed record ClojureString(string Text) : ClojureForm;

/// <summary>A symbol, keyword, number or character, as it is written.</summary>
/// <param name="Text">Its characters.</param>
internal sealed record ClojureAtom(string Text) : ClojureForm;

/// <summary>A list, vector, map or set; also a form with a reader's sign in front, such as <c>'x</c>.</summary>
/// <param name="Open">Its first character.</param>
/// <param name="Items">What it holds.</param>
internal sealed record ClojureList(char Open, IReadOnlyList<ClojureForm> Items) : ClojureForm
{
    /// <summary>The value behind a keyword, or null.</summary>
    /// <param name="keyword">With its colon.</param>
    /// <param name="start">Where the pairs begin.</param>
    public ClojureForm? Value(string keyword, int start = 0)
    {
        for (var i = start; i + 1 < Items.Count; i += 2)
        {
            if (Items[i] is ClojureAtom atom && atom.Text == keyword)
            {
                return Items[i + 1];
            }
        }

        return null;
    }
}
