namespace PaaS.Runtime.Tests;

public sealed class EnvFileTests
{
    [Theory]
    [InlineData("KEY=value", "value")]
    [InlineData("  KEY =  value  \r", "value")]
    [InlineData("KEY=a=b=c", "a=b=c")]
    [InlineData("KEY=", "")]
    [InlineData("KEY", "")]
    [InlineData("KEY=one\nKEY=two", "two")]
    [InlineData("\uFEFFKEY=value", "value")]
    [InlineData("KEY=\"in quotes\" and not", "in quotes")]
    [InlineData("KEY='a \"b\" # c' # d", "a \"b\" # c")]
    [InlineData("KEY=\"a\\n\\\"b\"", "a\\n\\")]
    [InlineData("KEY=value # comment", "value")]
    [InlineData("KEY=value#comment", "value")]
    [InlineData("KEY=#comment", "")]
    [InlineData("KEY=$HOME ${A} `id`", "$HOME ${A} `id`")]
    [InlineData("# KEY=no\n  # KEY=no\nKEY=yes", "yes")]
    public void A_line_is_a_key_and_a_value(string text, string value)
    {
        var file = EnvFile.Parse(text);

        Assert.Equal(value, Assert.Single(file.Variables, static v => v.Key == "KEY").Value);
        Assert.False(file.IsJson);
        Assert.Empty(file.Ignored);
    }

    [Theory]
    [InlineData("A=")]
    [InlineData("AB")]
    [InlineData(" =\n\n\t\n#A=1\n")]
    public void Lines_of_two_characters_blanks_and_comments_are_no_variables(string text)
    {
        var file = EnvFile.Parse(text);

        Assert.Empty(file.Variables);
        Assert.Empty(file.Ignored);
    }

    [Theory]
    [InlineData("A=1\nB=\"open", "Line 2")]
    [InlineData("B='", "Line 1")]
    public void A_quote_without_a_second_one_is_refused_with_its_line(string text, string where)
    {
        var refusal = Assert.Throws<FormatException>(() => EnvFile.Parse(text));

        Assert.Contains(where, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("open", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_flattened_in_capitals()
    {
        var file = EnvFile.Parse("""{"top":{"middle":{"bottom":"value"},"other":["zero",1,true]},"last":42,"half":1.50,"none":null,"camelCase":"x"}""");

        Assert.True(file.IsJson);
        Assert.Equal(
            ["CAMELCASE=x", "HALF=1.5", "LAST=42", "TOP_MIDDLE_BOTTOM=value", "TOP_OTHER_0=zero", "TOP_OTHER_1=1", "TOP_OTHER_2=true"],
            file.Variables.Select(static v => $"{v.Key}={v.Value}"));
    }

    [Fact]
    public void What_is_no_json_is_read_as_lines() => Assert.Equal("{", EnvFile.Parse("A={").Variables["A"]);

    [Fact]
    public void Names_that_no_shell_can_hold_are_left_out_and_told()
    {
        var file = EnvFile.Parse("my-key=1\nexport A=2\n1ST=3\n=nameless\nGOOD=4\nmy-key=5");

        Assert.Equal(["GOOD"], file.Variables.Keys);
        Assert.Equal(["my-key", "export A", "1ST", ""], file.Ignored.ToArray());
        Assert.Equal(["A"], EnvFile.Parse("""{"a":"x\u0000y"}""").Ignored.ToArray());
    }

    [Fact]
    public async Task A_file_may_have_one_mebibyte()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "A=" + new string('x', EnvFile.MaxBytes - 2));
            Assert.Equal(EnvFile.MaxBytes - 2, (await EnvFile.ReadAsync(path)).Variables["A"].Length);

            await File.AppendAllTextAsync(path, "x");
            await Assert.ThrowsAsync<FormatException>(() => EnvFile.ReadAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
