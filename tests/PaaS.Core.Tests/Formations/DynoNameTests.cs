namespace PaaS.Core.Tests;

public class DynoNameTests
{
    [Theory]
    [InlineData("web.1", "web", 1)]
    [InlineData("run.9157", "run", 9157)]
    [InlineData("low_prio-2.2147483647", "low_prio-2", int.MaxValue)]
    public void A_name_is_a_type_a_dot_and_a_number(string text, string type, int number)
    {
        var name = DynoName.Parse(text);

        Assert.Equal(new DynoName(ProcessType.Parse(type), number), name);
        Assert.Equal(text, name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("web.")]
    [InlineData(".1")]
    [InlineData("web.0")]
    [InlineData("web.01")]
    [InlineData("web.-1")]
    [InlineData("web.+1")]
    [InlineData("web. 1")]
    [InlineData("web.1 ")]
    [InlineData("web.\u0661")]
    [InlineData("web.2147483648")]
    [InlineData("web.1.1")]
    [InlineData("w b.1")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(DynoName.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => DynoName.Parse(text));
    }

    [Fact]
    public void A_dyno_has_a_type_and_a_number_from_1()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DynoName(ProcessType.Web, 0));
        Assert.Throws<ArgumentException>(() => new DynoName(default, 1));
        Assert.Equal(string.Empty, default(DynoName).ToString());
    }

    [Fact]
    public void Dynos_are_ordered_by_type_and_then_by_number()
    {
        DynoName[] names = [DynoName.Parse("worker.1"), DynoName.Parse("web.10"), DynoName.Parse("web.2")];

        Assert.Equal(["web.2", "web.10", "worker.1"], names.Order().Select(n => n.ToString()));
    }
}
