namespace PaaS.Core.Tests;

public class ProcessTypeTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("Web")]
    [InlineData("_")]
    [InlineData("--bind")]
    [InlineData("worker_2-a")]
    public void A_type_is_letters_digits_underscore_and_hyphen_with_its_case_kept(string text) =>
        Assert.Equal(text, ProcessType.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("web ")]
    [InlineData("web.1")]
    [InlineData("web\n")]
    [InlineData("w\u00e9b")]
    [InlineData("\u0661")]
    [InlineData("$(id)")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(ProcessType.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => ProcessType.Parse(text));
    }

    [Fact]
    public void A_type_has_at_most_128_characters()
    {
        Assert.True(ProcessType.TryParse(new string('a', 128), null, out _));
        Assert.False(ProcessType.TryParse(new string('a', 129), null, out _));
    }

    [Fact]
    public void Types_are_equal_by_text_and_ordered_by_bytes()
    {
        ProcessType[] types = [ProcessType.Worker, ProcessType.Web, ProcessType.Parse("Web"), ProcessType.Release];

        Assert.Equal(ProcessType.Web, ProcessType.Parse("web"));
        Assert.NotEqual(ProcessType.Web, ProcessType.Parse("Web"));
        Assert.Equal(["Web", "release", "web", "worker"], types.Order().Select(t => t.ToString()));
        Assert.Equal(string.Empty, default(ProcessType).ToString());
    }
}
