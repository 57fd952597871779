namespace PaaS.Core.Tests;

public class ConfigPatchTests
{
    [Theory]
    [InlineData("A")]
    [InlineData("_")]
    [InlineData("database_url")]
    [InlineData("A1")]
    [InlineData("PORTS")]
    [InlineData("port")]
    public void A_name_is_letters_digits_and_underscore(string name) => Assert.Equal("x", ConfigPatch.Create(name, "x")[name]);

    [Theory]
    [InlineData("", "needs a name")]
    [InlineData("1A", "do not begin with a digit")]
    [InlineData("A-B", "'A-B'")]
    [InlineData("A=B", "'A=B'")]
    [InlineData("A B", "'A B'")]
    [InlineData("A\n", "'A\\u000a'")]
    [InlineData("\u00c4", "ASCII letters")]
    [InlineData("PORT", "PORT cannot be set")]
    [InlineData("DYNO", "DYNO cannot be set")]
    public void Another_name_is_refused_with_the_reason(string name, string reason)
    {
        Assert.False(ConfigPatch.TryCreate([new(name, "hunter2")], out var patch, out var problem));
        Assert.Null(patch);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_255_characters()
    {
        Assert.True(ConfigPatch.TryCreate([new(new string('A', 255), "")], out _, out _));
        Assert.False(ConfigPatch.TryCreate([new(new string('A', 256), "")], out _, out _));
    }

    [Theory]
    [InlineData(0x0000, "NUL")]
    [InlineData(0xD83D, "not well-formed")]
    [InlineData(0xDE00, "not well-formed")]
    public void A_value_that_no_environment_can_hold_is_refused_without_being_shown(int character, string reason)
    {
        // A lone surrogate does not survive in an attribute, hence the number.
        var part = ((char)character).ToString();
        Assert.All(["hunter2" + part, part + "hunter2", part + part + "hunter2"], value => IsRefused(value, reason));
    }

    private static void IsRefused(string value, string reason)
    {
        Assert.False(ConfigPatch.TryCreate([new("KEY", value)], out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Contains("KEY", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_emoji_and_nothing_are_good_values()
    {
        var patch = ConfigPatch.Create([new("A", "a\nb\r\n"), new("B", "\ud83d\ude00"), new("C", "")]);

        Assert.Equal(3, patch.Count);
        Assert.Equal("", patch["C"]);
    }

    [Fact]
    public void What_the_platform_sets_can_still_be_removed() => Assert.Null(ConfigPatch.Create("PORT", null)["PORT"]);

    [Fact]
    public void Names_are_sorted_by_bytes_and_the_last_of_a_name_counts()
    {
        var patch = ConfigPatch.Create([new("b", "1"), new("B", "2"), new("A", "3"), new("b", null)]);

        Assert.Equal([new("A", "3"), new("B", "2"), new("b", null)], patch);
    }

    [Fact]
    public void Of_two_patches_in_a_row_the_later_wins() =>
        Assert.Equal(
            ConfigPatch.Create([new("A", "2"), new("B", null), new("C", "3")]),
            ConfigPatch.Create([new("A", "1"), new("B", "1")]).Then(ConfigPatch.Create([new("A", "2"), new("B", null), new("C", "3")])));

    [Fact]
    public void Patches_are_equal_if_they_say_the_same()
    {
        var one = ConfigPatch.Create([new("A", "1"), new("B", null)]);
        var other = ConfigPatch.Create([new("B", null), new("A", "1")]);

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, ConfigPatch.Create([new("A", "1"), new("B", "")]));
        Assert.NotEqual(one, ConfigPatch.Create("A", "1"));
    }

    [Fact]
    public void Its_text_shows_names_only()
    {
        Assert.Equal("set A, B; remove C", ConfigPatch.Create([new("A", "hunter2"), new("B", "hunter2"), new("C", null)]).ToString());
        Assert.Equal("set A", ConfigPatch.Create("A", "hunter2").ToString());
        Assert.Equal("remove A", ConfigPatch.Create("A", null).ToString());
        Assert.Equal("no change", ConfigPatch.Empty.ToString());
    }

    [Fact]
    public void What_cannot_be_used_throws_without_the_value() =>
        Assert.DoesNotContain("hunter2", Assert.Throws<ArgumentException>(() => ConfigPatch.Create("1", "hunter2")).ToString(), StringComparison.Ordinal);
}
