using System.Text.Json;

namespace PaaS.Core.Tests;

/// <summary>
/// Procfiles and what Heroku makes of them: our own cases always, and a corpus of real files as well if the environment variable
/// <c>PAAS_PROCFILE_CORPUS</c> names one (JSON lines with <c>id</c>, <c>features</c>, <c>text</c>, <c>heroku.cedar</c>, <c>heroku.fir</c>).
/// </summary>
public class ProcfileCorpusTests
{
    public static TheoryData<string> OwnCases => [.. ProcfileCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(OwnCases))]
    public void Both_generations_of_Heroku_read_our_cases_as_expected(string name)
    {
        var expected = ProcfileCases.All.Single(c => c.Name == name);

        Assert.Null(Difference(expected));
    }

    [Fact]
    public void Our_cases_show_everything_that_real_files_contain() =>
        Assert.Empty(ProcfileCases.AllFeatures.Except(ProcfileCases.All.SelectMany(c => c.Features)));

    [Fact]
    public void Both_generations_of_Heroku_read_the_corpus_as_expected()
    {
        var cases = Environment.GetEnvironmentVariable("PAAS_PROCFILE_CORPUS") is { Length: > 0 } path
            ? File.ReadLines(path).Where(line => line.Length > 0).Select(Read).ToList()
            : [.. ProcfileCases.All];

        Assert.NotEmpty(cases);
        Assert.Empty(cases.Select(Difference).OfType<string>());
        Assert.Empty(cases.SelectMany(c => c.Features).Except(ProcfileCases.AllFeatures));
    }

    private static string? Difference(ProcfileCase expected)
    {
        var cedar = Procfile.Parse(expected.Text, ProcfileMode.HerokuCedar);
        if (cedar.HasErrors || !Pairs(cedar).SequenceEqual(expected.Cedar))
        {
            return $"{expected.Name}, Cedar: {string.Join(" | ", Pairs(cedar))} {string.Join(" | ", cedar.Diagnostics)}";
        }

        var fir = Procfile.Parse(expected.Text, ProcfileMode.HerokuFir);
        return fir.HasErrors == expected.Fir is null && Pairs(fir).SequenceEqual(expected.Fir ?? [])
            ? null
            : $"{expected.Name}, Fir: {string.Join(" | ", Pairs(fir))} {string.Join(" | ", fir.Diagnostics)}";
    }

    private static IEnumerable<(string Type, string Command)> Pairs(Procfile procfile) => procfile.Select(e => (e.Type.ToString(), e.Command));

    private static ProcfileCase Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var heroku = root.GetProperty("heroku");
        return new ProcfileCase(
            root.GetProperty("id").GetString()!,
            [.. root.GetProperty("features").EnumerateArray().Select(f => f.GetString()!)],
            root.GetProperty("text").GetString()!,
            Entries(heroku.GetProperty("cedar"))!,
            Entries(heroku.GetProperty("fir")));
    }

    private static (string Type, string Command)[]? Entries(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().Select(e => (e[0].GetString()!, e[1].GetString()!))] : null;
}
