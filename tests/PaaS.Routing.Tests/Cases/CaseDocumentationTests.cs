namespace PaaS.Routing.Tests;

public class CaseDocumentationTests
{
    [Fact]
    public void The_documentation_lists_the_cases_that_are_not_passed_with_their_reasons()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cases", "router-cases.md"));
        var listed = text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

        Assert.Equal(CaseLimits.All.Select(one => $"| `{one.Id}` | {one.Reason} |").Distinct().Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public void No_case_of_the_file_is_missing() => Assert.Equal(229, CaseFile.Cases.Keys.Count(id => !id.EndsWith(CaseLimits.Mended, StringComparison.Ordinal)));
}
