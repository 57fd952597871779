using System.Text.RegularExpressions;

namespace PaaS.Api.Tests;

public sealed partial class RepositoryTests
{
    private const int MaxLines = 400;

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var tooLong = Repository.Files()
            .Where(static f => f.EndsWith(".cs", StringComparison.Ordinal))
            .Select(static f => (File: f, Lines: File.ReadLines(Repository.PathOf(f)).Count()))
            .Where(static f => f.Lines > MaxLines);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_names_a_path_of_the_machine_it_was_written_on()
    {
        Assert.Empty(Matches(MachinePath()));
    }

    // Whoever builds this brings his own sources; a lock file or a settings file that names a host would send him elsewhere.
    [Fact]
    public void No_lock_or_settings_file_names_a_package_registry()
    {
        var settings = Repository.Files().Where(static f => Path.GetFileName(f) is "package-lock.json" or ".npmrc" or "npm-shrinkwrap.json" || f.EndsWith("nuget.config", StringComparison.OrdinalIgnoreCase));

        Assert.DoesNotContain(settings, static f => Resolved().IsMatch(Repository.Read(f)));
    }

    [Fact]
    public void No_file_names_a_registry_that_is_not_public()
    {
        Assert.Empty(Matches(PrivateRegistry()));
    }

    [Fact]
    public void Every_link_between_documents_leads_to_a_file()
    {
        var broken =
            from file in Repository.Files()
            where file.EndsWith(".md", StringComparison.Ordinal)
            from Match link in Link().Matches(Repository.Read(file))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(Repository.PathOf(file))!, target))
            select $"{file}: {target}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Matches(Regex pattern) =>
        from file in Repository.Files()
        where !file.EndsWith(".png", StringComparison.Ordinal) && !file.EndsWith("RepositoryTests.cs", StringComparison.Ordinal)
        from line in File.ReadLines(Repository.PathOf(file)).Index()
        where pattern.IsMatch(line.Item)
        select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"(?<![\w.$}/-])/work/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"""resolved""\s*:\s*""http|registry\s*=|<add[^>]+value=""https?:")]
    private static partial Regex Resolved();

    [GeneratedRegex(@"https?://(?!(registry\.npmjs\.org|(www\.)?npmjs\.com|(www\.|api\.)?nuget\.org|docs\.npmjs\.com|buildpack-registry|[\w.-]+\.example(\.com)?)\b)[\w.-]*(registry|npm|nuget|mirror|artifactory)[\w.-]*")]
    private static partial Regex PrivateRegistry();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
