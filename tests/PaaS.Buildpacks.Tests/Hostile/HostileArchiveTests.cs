namespace PaaS.Buildpacks.Tests;

/// <summary>Archives that want out of their directory, more than their share, or to be taken for something else.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private const UnixFileMode Special = UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit;
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Nothing_is_ever_written_outside_and_every_refusal_says_what_to_do()
    {
        var archives = HostileTars.All.Concat(HostileZips.All).ToList();
        var failures = new List<string>();
        Directory.CreateDirectory(_temp["outside/open"]);
        File.WriteAllText(_temp["outside/victim"], "untouched");
        Directory.CreateDirectory(_temp["outside/root"]);
        var before = Tree.Describe(_temp["outside"]);
        foreach (var archive in archives)
        {
            if (await TryAsync(archive) is { } failure)
            {
                failures.Add($"{archive.Name}: {failure}");
            }

            if (Tree.Describe(_temp["outside"]) is var after && after != before)
            {
                Assert.Fail($"{archive.Name} wrote outside:\n{after}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(archives.Count >= 300, $"Only {archives.Count} archives.");
        Assert.Equal(archives.Count, archives.Select(static archive => archive.Name).Distinct().Count());
    }

    /// <summary>What is wrong with what came of it; null if nothing is.</summary>
    private async Task<string?> TryAsync(HostileArchive archive)
    {
        var app = _temp["outside/root/app"];
        try
        {
            await SourceArchive.ExtractAsync(archive.Make(_temp["outside"]), app);
        }
        catch (SourceRejectedException refusal)
        {
            return !archive.Refused ? $"refused: {refusal.Message}"
                : Directory.EnumerateFileSystemEntries(_temp["outside/root"]).Any() ? "something is left"
                : refusal.Message.Length is < 30 or > 1000 || refusal.Message.Any(char.IsControl) ? $"unclear: {refusal.Message}"
                : null;
        }

        var harm = archive.Refused ? "unpacked" : Harm(app);
        Directory.Delete(app, recursive: true);
        return harm;
    }

    private static string? Harm(string app)
    {
        foreach (var entry in Tree.Entries(new DirectoryInfo(app)))
        {
            if (entry.LinkTarget is null && ((entry.UnixFileMode & Special) != 0 || entry.UnixFileMode.HasFlag(UnixFileMode.OtherWrite)))
            {
                return $"{entry.Name} has mode {entry.UnixFileMode}";
            }
        }

        return null;
    }
}
