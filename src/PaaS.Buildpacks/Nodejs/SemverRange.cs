using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>A range as npm's <c>engines</c> has it: comparators, <c>^</c>, <c>~</c>, x-ranges, <c>a - b</c>, <c>||</c>.</summary>
internal sealed partial class SemverRange
{
    private readonly ImmutableArray<ImmutableArray<Comparator>> _alternatives;

    private SemverRange(ImmutableArray<ImmutableArray<Comparator>> alternatives) => _alternatives = alternatives;

    public static bool TryParse(string text, [NotNullWhen(true)] out SemverRange? range)
    {
        range = null;
        if (text.Length > 1000)
        {
            return false;
        }

        var alternatives = ImmutableArray.CreateBuilder<ImmutableArray<Comparator>>();
        foreach (var alternative in text.Split("||"))
        {
            var comparators = ImmutableArray.CreateBuilder<Comparator>();
            if (!AddAll(alternative.Trim(), comparators))
            {
                return false;
            }

            alternatives.Add(comparators.ToImmutable());
        }

        range = new SemverRange(alternatives.ToImmutable());
        return true;
    }

    public bool Contains(SemverVersion version) =>
        _alternatives.Any(all => all.All(c => c.Holds(version)) && (version.Prerelease.Length == 0 || all.Any(c => c.Names(version))));

    private static bool AddAll(string text, ImmutableArray<Comparator>.Builder comparators)
    {
        if (text.Length == 0 || text == "latest")
        {
            return true;
        }

        if (Hyphen().Match(text) is { Success: true } hyphen)
        {
            return Add(">=", hyphen.Groups[1].Value, comparators) && Add("<=", hyphen.Groups[2].Value, comparators);
        }

        var end = 0;
        foreach (Match match in Simple().Matches(text))
        {
            if (match.Index != end || !Add(match.Groups[1].Value, match.Groups[2].Value, comparators))
            {
                return false;
            }

            end = match.Index + match.Length;
        }

        return end == text.Length;
    }

    private static bool Add(string op, string text, ImmutableArray<Comparator>.Builder comparators)
    {
        if (!SemverPartial.TryParse(text, out var partial))
        {
            return false;
        }

        switch (op)
        {
            case ">":
                AddAbove(partial, comparators);
                break;
            case ">=":
                comparators.Add(new Comparator(partial.Floor, AtLeast: true));
                break;
            case "<":
                comparators.Add(new Comparator(partial.Patch is null ? partial.Floor with { Prerelease = "0" } : partial.Floor, AtLeast: false));
                break;
            case "<=":
                AddUpTo(partial.Patch is null ? partial.Ceiling : After(partial.Floor), comparators);
                break;
            case "^":
                AddFrom(partial.Floor, CaretEnd(partial), comparators);
                break;
            case "~" or "~>":
                AddFrom(partial.Floor, partial.Patch is null ? partial.Ceiling : (partial with { Patch = null }).Ceiling, comparators);
                break;
            default:
                AddFrom(partial.Floor, partial.Patch is null ? partial.Ceiling : After(partial.Floor), comparators);
                break;
        }

        return true;
    }

    private static void AddFrom(SemverVersion least, SemverVersion? below, ImmutableArray<Comparator>.Builder comparators)
    {
        comparators.Add(new Comparator(least, AtLeast: true));
        AddUpTo(below, comparators);
    }

    private static void AddUpTo(SemverVersion? below, ImmutableArray<Comparator>.Builder comparators)
    {
        if (below is { } end)
        {
            comparators.Add(new Comparator(end, AtLeast: false));
        }
    }

    private static void AddAbove(SemverPartial partial, ImmutableArray<Comparator>.Builder comparators)
    {
        if (partial.Major is null)
        {
            // Above everything: nothing.
            comparators.Add(new Comparator(new SemverVersion(0, 0, 0, "0"), AtLeast: false));
        }
        else
        {
            comparators.Add(new Comparator(partial.Patch is null ? partial.Ceiling!.Value with { Prerelease = string.Empty } : After(partial.Floor), AtLeast: true));
        }
    }

    /// <summary>The first version that is greater.</summary>
    private static SemverVersion After(SemverVersion version) =>
        version.Prerelease.Length == 0 ? version with { Patch = version.Patch + 1, Prerelease = "0" } : version with { Prerelease = version.Prerelease + ".0" };

    /// <summary>^ keeps the first number that is not zero.</summary>
    private static SemverVersion? CaretEnd(SemverPartial partial) => partial switch
    {
        { Major: null } => null,
        { Major: > 0 } or { Minor: null } => new SemverVersion(partial.Major.Value + 1, 0, 0, "0"),
        { Minor: > 0 } or { Patch: null } => new SemverVersion(0, partial.Minor.Value + 1, 0, "0"),
        _ => new SemverVersion(0, 0, partial.Patch.Value + 1, "0"),
    };

    [GeneratedRegex(@"^(\S+)\s+-\s+(\S+)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Hyphen();

    [GeneratedRegex(@"(>=|<=|>|<|=|\^|~>|~)?\s*([^\s<>=^~]+)\s*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Simple();

    /// <summary>At least a version, or below it.</summary>
    private readonly record struct Comparator(SemverVersion Version, bool AtLeast)
    {
        public bool Holds(SemverVersion version) => version.CompareTo(Version) >= 0 == AtLeast;

        /// <summary>npm lets a prerelease in only where the range names a prerelease of the same version.</summary>
        public bool Names(SemverVersion version) =>
            Version.Prerelease.Length > 0 && (Version.Major, Version.Minor, Version.Patch) == (version.Major, version.Minor, version.Patch);
    }
}
