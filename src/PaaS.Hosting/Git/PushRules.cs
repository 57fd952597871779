using System.Text;

namespace PaaS.Hosting;

/// <summary>What may be pushed: exactly one of the branches that deploy. A pure policy.</summary>
internal static class PushRules
{
    public const string Main = "refs/heads/main";
    public const string Master = "refs/heads/master";
    private const int ShownLength = 120;

    /// <summary>Whether a ref is one of those that deploy.</summary>
    public static bool Deploys(string reference) => reference is Main or Master;

    /// <summary>Says why a push is refused.</summary>
    /// <param name="request">What the client asks for.</param>
    /// <returns>Null when its one update may be looked at further; else what is wrong and how to do it right.</returns>
    public static string? Refuse(PushRequest request)
    {
        if (request.Updates is [var only] && request.Count == 1)
        {
            return (only.New, Deploys(only.Ref)) switch
            {
                (null, _) => $"{Short(only.Ref)} cannot be deleted by a push. What runs stays what it is; to remove the app, destroy it.",
                (_, true) => null,
                _ => $"only main and master deploy, and this is {Shown(only.Ref)}. To deploy it: git push <remote> {Local(only.Ref)}:main",
            };
        }

        var deploying = request.Updates.Where(update => Deploys(update.Ref)).ToList();
        if (deploying.Count > 1)
        {
            return "main and master came together, and an app runs one of them. Push one: git push <remote> main";
        }

        var other = request.Updates.FirstOrDefault(update => !Deploys(update.Ref));
        var branch = deploying.Count == 1 ? Short(deploying[0].Ref) : "main";
        return $"one branch deploys at a time, and this push also has {(other is null ? "other refs" : Shown(other.Ref))}{(request.Count > 2 ? $" and {request.Count - 2} more" : string.Empty)}. "
            + $"Push the branch alone: git push --no-follow-tags <remote> {branch}";
    }

    /// <summary>The branch's name without <c>refs/heads/</c>.</summary>
    public static string Short(string reference) =>
        Shown(reference.StartsWith("refs/heads/", StringComparison.Ordinal) ? reference["refs/heads/".Length..] : reference);

    /// <summary>A text of the client's, made fit for a terminal.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= ShownLength)
            {
                return shown.Append("...").ToString();
            }

            shown.Append(Rune.IsLetterOrDigit(rune) || (rune.IsAscii && !Rune.IsControl(rune)) ? rune.ToString() : "?");
        }

        return shown.ToString();
    }

    // A tag is named so that it stands for its commit.
    private static string Local(string reference) =>
        reference.StartsWith("refs/tags/", StringComparison.Ordinal) ? Shown(reference["refs/tags/".Length..]) + "^{commit}" : Short(reference);
}
