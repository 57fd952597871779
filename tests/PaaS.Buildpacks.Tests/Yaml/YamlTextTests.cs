using System.Text;

namespace PaaS.Buildpacks.Tests;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("", "nothing")]
    [InlineData("---", "nothing")]
    [InlineData("--- {}", "{}")]
    [InlineData("# only a comment\n", "nothing")]
    [InlineData("~", "nothing")]
    [InlineData("a: 1\nb: [x, 'y', null]\nc:\n  d: |\n    two\n    lines\n  e:\n", "{a: 1, b: [x, y, ~], c: {d: two\nlines\n, e: ~}}")]
    [InlineData("a: yes\nb: 0x10\nc: 'null'\n", "{a: yes, b: 0x10, c: null}")]
    [InlineData("--- \na: b\n...\n", "{a: b}")]
    public void Maps_lists_and_texts_are_read_as_they_are_written(string text, string read) => Assert.Equal(read, Shown(YamlText.Read(text)));

    [Theory]
    [InlineData("a: b\na: c\n", "line 2, column 1: 'a' is there twice")]
    [InlineData("a: &x b\n", "line 1, column 4: anchors")]
    [InlineData("a: *x\n", "anchors")]
    [InlineData("--- a\n--- b\n", "second document")]
    [InlineData("[a]: b\n", "a name must be a text")]
    [InlineData("? {a: b}\n: c\n", "a name must be a text")]
    [InlineData("a: [\n", "line 2")]
    [InlineData("a: \"\\ud800\n", "line 1")]
    public void What_is_wrong_is_said_with_its_line(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => YamlText.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Size_depth_and_number_of_values_are_bounded()
    {
        Assert.Throws<InvalidDataException>(() => YamlText.Read(new string('a', YamlText.MaxLength + 1)));
        Assert.Contains("deeper", Assert.Throws<InvalidDataException>(() => YamlText.Read(new string('[', 30_000))).Message, StringComparison.Ordinal);
        Assert.Contains("more than", Assert.Throws<InvalidDataException>(() => YamlText.Read(new StringBuilder().Insert(0, "- a\n", 6_000).ToString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_makes_it_fail_otherwise_or_hang()
    {
        var random = new Random(4711);
        const string Pieces = "ab:-[]{}\"'|>&*!%@?# \n\n  \t~,x\u00e9\u2028\ud83d\0";
        for (var i = 0; i < 3_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => Pieces[random.Next(Pieces.Length)])]);
            var failure = Record.Exception(() => YamlText.Read(text));
            Assert.True(failure is null or InvalidDataException, $"{text}\n{failure}");
        }
    }

    private static string Shown(YamlValue? value) => value switch
    {
        null => "nothing",
        { IsNull: true } => "~",
        YamlScalar scalar => scalar.Text,
        YamlList list => $"[{string.Join(", ", list.Items.Select(Shown))}]",
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(static e => $"{e.Key.Text}: {Shown(e.Value)}"))}}}",
        _ => throw new InvalidOperationException(),
    };
}
