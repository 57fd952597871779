namespace PaaS.Routing.Tests;

public class RouterErrorTests
{
    public static TheoryData<string> Codes => new(Errors().Select(error => error.Code).Distinct());

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_code_has_its_page_in_the_documentation_and_a_rule_in_words(string code)
    {
        var error = Errors().First(error => error.Code == code);
        var docs = Path.Combine(Root(), "docs", "errors");

        Assert.StartsWith($"# {code} {error.Desc.Split(':')[0]}\n", File.ReadAllText(Path.Combine(docs, code + ".md")), StringComparison.Ordinal);
        Assert.Contains($"| [{code}]({code}.md) |", File.ReadAllText(Path.Combine(docs, "README.md")), StringComparison.Ordinal);
        Assert.EndsWith(".", Rules.Of(error, false), StringComparison.Ordinal);
        Assert.Equal(code == "H99", Rules.Of(error, false) == Rules.Of(RouterError.PlatformError, false));
    }

    [Fact]
    public void The_numbers_carry_the_blame() => Assert.All(Errors(), error => Assert.Equal(
        error.Code switch
        {
            "H27" or "H28" => ("warning", 499),
            "H80" or "H81" => ("info", 503),
            "H25" => ("error", 502),
            "H26" => ("error", error.Cause == "bad chunk" ? 400 : 417),
            "H31" => ("error", 421),
            _ => ("error", 503),
        },
        (error.At, error.Status)));

    [Fact]
    public void Causes_and_ends_are_told_by_the_codes_that_have_them()
    {
        Assert.Equal(["H26", "H26"], Errors().Where(error => error.Cause is not null).Select(error => error.Code));
        Assert.Equal([("H18", "backend"), ("H27", "client")], Errors().Where(error => error.Sock is not null).Select(error => (error.Code, error.Sock!)).Order());
    }

    [Fact]
    public void A_limit_that_a_response_broke_is_named_by_the_rule() =>
        Assert.Equal("The response broke a limit of the router: oversized cookie.", Rules.Of(RouterError.OversizedCookie, false));

    private static IEnumerable<RouterError> Errors() =>
        typeof(RouterError).GetProperties().Where(property => property.PropertyType == typeof(RouterError)).Select(property => (RouterError)property.GetValue(null)!);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "PaaS.Sdk.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException($"No directory above {AppContext.BaseDirectory} has PaaS.Sdk.sln: run the tests from a checkout.");
        }

        return directory.FullName;
    }
}
