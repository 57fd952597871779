using System.Text.RegularExpressions;

namespace PaaS.Api.Tests;

public sealed partial class ReadmeTests
{
    private const int MaxSampleLines = 15;

    public static TheoryData<string> Readmes => [.. Packages.MayReference.Keys.Where(static p => p != "PaaS.Hosting")];

    // nuget/consume builds and starts that program from the packages, so the readmes' host is one that works.
    [Theory]
    [InlineData("README.md")]
    [InlineData("nuget/PaaS.Hosting.md")]
    public void The_host_in_the_readme_is_the_consumer_program(string readme)
    {
        var sample = Assert.Single(Samples(readme));

        Assert.Equal(Repository.Read("nuget/Consumer/Program.cs").TrimEnd(), sample);
        Assert.InRange(sample.Split('\n').Length, 1, MaxSampleLines);
    }

    // Samples/PaaS.X.cs compiles with this project; between its two marks stands the sample.
    [Theory]
    [MemberData(nameof(Readmes))]
    public void The_sample_in_a_package_readme_is_one_that_compiles(string package)
    {
        var sample = Assert.Single(Samples($"nuget/{package}.md"));
        var source = Repository.Read($"tests/PaaS.Api.Tests/Samples/{package}.cs");

        Assert.Equal(Between(source), sample);
        Assert.InRange(sample.Split('\n').Length, 1, MaxSampleLines);
    }

    private static IEnumerable<string> Samples(string readme) => CSharpBlock().Matches(Repository.Read(readme)).Select(static m => m.Groups["code"].Value.TrimEnd());

    private static string Between(string source)
    {
        var lines = source.Split('\n')
            .SkipWhile(static l => l.Trim() != "// sample").Skip(1)
            .TakeWhile(static l => l.Trim() != "// end").ToList();
        var indent = lines.Where(static l => l.Length > 0).Min(static l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > 0 ? l[indent..] : l)).TrimEnd();
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpBlock();
}
