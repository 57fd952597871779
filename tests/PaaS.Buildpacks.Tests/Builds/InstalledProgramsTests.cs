namespace PaaS.Buildpacks.Tests;

public sealed class InstalledProgramsTests
{
    [Fact]
    public void A_program_that_came_without_a_package_is_seen_and_so_is_where_a_link_leads()
    {
        using var temp = new TempDirectory();
        var bin = Directory.CreateDirectory(temp["bin"]).FullName;
        var (old, young) = (Directory.CreateDirectory(temp["old/sdk/1.0"]).Parent!.Parent!.FullName, Directory.CreateDirectory(temp["young"]).FullName);
        File.WriteAllText(Path.Combine(old, "dotnet"), "1");
        File.WriteAllText(Path.Combine(young, "dotnet"), "1");
        var link = Path.Combine(bin, "dotnet");
        var changes = new Action[]
        {
            () => File.WriteAllText(Path.Combine(bin, "go"), "1"),
            () => File.WriteAllText(Path.Combine(bin, "go"), "22"),
            () => File.CreateSymbolicLink(link, Path.Combine(old, "dotnet")),
            () => Directory.CreateDirectory(temp["old/sdk/1.1"]),
            () => File.WriteAllText(Path.Combine(old, "dotnet"), "22"),
            () => File.Delete(link),
            () => File.CreateSymbolicLink(link, Path.Combine(young, "dotnet")),
            () => File.Delete(link),
            () => File.CreateSymbolicLink(link, link),
        };
        List<string> seen = [];
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i]();
            var now = string.Join('\n', InstalledPrograms.Of($"{bin}:{temp["none"]}:relative", []));
            Assert.Equal(now, string.Join('\n', InstalledPrograms.Of(bin, [])));
            Assert.True(i is 5 or 7 || !seen.Contains(now), $"change {i} was not seen");
            seen.Add(now);
        }
    }

    [Fact]
    public void What_the_operator_mounts_is_seen_two_directories_deep()
    {
        using var temp = new TempDirectory();
        Directory.CreateDirectory(temp["tool/sdk"]);
        string Seen() => string.Join('\n', InstalledPrograms.Of(temp["none"], [temp["tool"], temp["none"]]));
        var before = Seen();

        Directory.CreateDirectory(temp["tool/sdk/10.0.1"]);

        Assert.Contains("/tool/sdk/10.0.1 ", Seen(), StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.1", before, StringComparison.Ordinal);
    }
}
