using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>What the Ruby buildpack reads in Bundler's lock file.</summary>
/// <param name="Gems">Names of the gems and their versions.</param>
/// <param name="Ruby">The version under <c>RUBY VERSION</c>, such as <c>3.1.2</c>, if any.</param>
/// <param name="BundledWith">The version of Bundler that wrote it, if it says so.</param>
internal sealed partial record GemfileLock(IReadOnlyDictionary<string, string> Gems, string? Ruby, string? BundledWith)
{
    /// <summary>The largest file that is read: 8 MiB.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>Nothing.</summary>
    public static GemfileLock Empty { get; } = new(new Dictionary<string, string>(), null, null);

    /// <summary>Reads the lock file of a tree; null if there is none, or it is too large.</summary>
    public static GemfileLock? Read(SourceTree tree)
    {
        try
        {
            return tree.ReadText("Gemfile.lock", MaxBytes) is { } text ? Parse(text) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Reads the text. What it doesn't know it passes over: Bundler itself is the judge.</summary>
    public static GemfileLock Parse(string text)
    {
        var gems = new Dictionary<string, string>(StringComparer.Ordinal);
        string? ruby = null, bundler = null;
        var section = string.Empty;
        foreach (var line in text.Split('\n').Select(static l => l.TrimEnd('\r', ' ')))
        {
            if (line.Length > 0 && line[0] != ' ')
            {
                section = line;
            }
            else if (section is "GEM" or "PATH" or "GIT" or "PLUGIN SOURCE" && Spec().Match(line) is { Success: true } spec)
            {
                // Of a gem that is there for several platforms the first counts.
                _ = gems.TryAdd(spec.Groups[1].Value, spec.Groups[2].Value);
            }
            else if (section == "RUBY VERSION" && RubyVersion().Match(line) is { Success: true } version)
            {
                ruby = version.Groups[1].Value;
            }
            else if (section == "BUNDLED WITH" && line.Length > 0)
            {
                bundler = line.Trim();
            }
        }

        return new GemfileLock(gems, ruby, bundler);
    }

    /// <summary>Whether the app has a gem.</summary>
    public bool Has(string gem) => Gems.ContainsKey(gem);

    /// <summary>The first number of a gem's version; -1 if the app doesn't have the gem.</summary>
    public int Major(string gem) =>
        Gems.TryGetValue(gem, out var version) && int.TryParse(version.Split('.')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : -1;

    [GeneratedRegex(@"^    (\S+) \(([^()\s]+)\)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Spec();

    [GeneratedRegex(@"^\s+ruby (\d+(?:\.\d+)*)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RubyVersion();
}
