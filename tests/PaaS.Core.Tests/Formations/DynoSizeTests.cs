namespace PaaS.Core.Tests;

public class DynoSizeTests
{
    [Theory]
    [InlineData("standard-1x", "Standard-1X", 536_870_912)]
    [InlineData("ECO", "Eco", 536_870_912)]
    [InlineData("Basic", "Basic", 536_870_912)]
    [InlineData("Standard-2X", "Standard-2X", 1_073_741_824)]
    [InlineData("performance-m", "Performance-M", 2_684_354_560)]
    [InlineData("performance-l", "Performance-L", 15_032_385_536)]
    [InlineData("performance-l-ram", "Performance-L-RAM", 32_212_254_720)]
    public void A_size_is_read_in_any_case_and_printed_by_Herokus_name(string text, string name, long memory)
    {
        var size = DynoSize.Parse(text);

        Assert.Equal((name, memory), (size.ToString(), size.MemoryBytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("standard")]
    [InlineData("Standard-1X ")]
    [InlineData("standard_1x")]
    public void Another_size_is_refused_with_the_list(string text)
    {
        Assert.False(DynoSize.TryParse(text, null, out _));
        Assert.Contains("Eco, Basic, Standard-1X, Standard-2X", Assert.Throws<FormatException>(() => DynoSize.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_is_Standard_1X() => Assert.Equal(DynoSize.Standard1X, default);

    [Fact]
    public void Every_size_is_read_back_and_none_is_listed_twice()
    {
        Assert.All(DynoSize.All, size => Assert.Equal(size, DynoSize.Parse(size.ToString())));
        Assert.Equal(9, DynoSize.All.Distinct().Count());
    }
}
