namespace PaaS.Core.Tests;

public class AppNameTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("floating-dragon-42")]
    [InlineData("a1b")]
    [InlineData("a--b")]
    [InlineData("a23456789012345678901234567890")]
    public void A_name_keeps_to_the_rule_and_is_printed_as_it_was_read(string text) =>
        Assert.Equal(text, AppName.Parse(text).ToString());

    [Theory]
    [InlineData("", "needs a name")]
    [InlineData("ab", "has 2 characters; use 3 to 30")]
    [InlineData("a234567890123456789012345678901", "has 31 characters; use 3 to 30")]
    [InlineData("1abc", "begins with '1'")]
    [InlineData("-abc", "begins with '-'")]
    [InlineData("Abc", "begins with 'A'")]
    [InlineData("my_app", "has '_' at position 3")]
    [InlineData("my app", "has ' ' at position 3")]
    [InlineData("myApp", "has 'A' at position 3")]
    [InlineData("abc\n", "has '\\u000a' at position 4")]
    [InlineData("caf\u00e9", "has '\u00e9' at position 4")]
    [InlineData("a/../b", "has '/' at position 2")]
    [InlineData("abc-", "ends with '-'")]
    public void A_text_that_is_no_name_is_refused_with_the_reason(string text, string reason)
    {
        Assert.Contains(reason, Assert.Throws<FormatException>(() => AppName.Parse(text)).Message, StringComparison.Ordinal);
        Assert.False(AppName.TryParse(text, null, out var name));
        Assert.Equal(default, name);
    }

    [Fact]
    public void A_text_that_is_far_too_long_is_not_repeated()
    {
        var message = Assert.Throws<FormatException>(() => AppName.Parse(new string('a', 100_000))).Message;

        Assert.True(message.Length < 200);
    }

    [Fact]
    public void The_default_name_prints_as_nothing_and_null_is_no_name()
    {
        Assert.Equal(string.Empty, default(AppName).ToString());
        Assert.False(AppName.TryParse(null, null, out _));
    }

    [Fact]
    public void A_generated_name_is_an_adjective_a_noun_and_a_number_and_the_seed_decides_it()
    {
        var name = new AppNameGenerator(new Random(42)).Next();

        Assert.Matches("^[a-z]+-[a-z]+-[0-9]{4,5}$", name.ToString());
        Assert.Equal(name, new AppNameGenerator(new Random(42)).Next());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public void The_first_and_the_last_words_and_numbers_make_names(int end)
    {
        var name = new AppNameGenerator(new EdgeRandom(end)).Next();

        Assert.Equal(end == 0 ? "agile-acorn-1000" : "zealous-wren-99999", name.ToString());
    }

    [Fact]
    public void Generated_names_are_many()
    {
        var generator = new AppNameGenerator(new Random(1));

        var names = Enumerable.Range(0, 10_000).Select(_ => generator.Next()).ToHashSet();

        Assert.True(AppNameGenerator.Count > 1_000_000_000);
        Assert.True(names.Count > 9_990, $"Only {names.Count} of 10,000 names differ.");
    }

    [Fact]
    public void Ids_are_printed_as_lower_case_uuids_and_read_back()
    {
        var app = AppId.New();
        var account = AccountId.New();

        Assert.Equal(app, AppId.Parse(app.ToString()));
        Assert.Equal(account, AccountId.Parse(account.ToString()));
        Assert.Equal("01234567-89ab-cdef-0123-456789abcdef", AppId.Parse("01234567-89AB-CDEF-0123-456789ABCDEF").ToString());
        Assert.NotEqual(app, AppId.New());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("{01234567-89ab-cdef-0123-456789abcdef}")]
    public void Other_forms_of_a_uuid_are_no_ids(string text)
    {
        Assert.Throws<FormatException>(() => AppId.Parse(text));
        Assert.Throws<FormatException>(() => AccountId.Parse(text));
    }

    [Fact]
    public void An_actor_is_shown_by_e_mail() => Assert.Equal("ada@example.com", new Actor(AccountId.New(), "ada@example.com").ToString());

    private sealed class EdgeRandom(int end) : Random
    {
        public override int Next(int maxValue) => Next(0, maxValue);

        public override int Next(int minValue, int maxValue) => end == 0 ? minValue : maxValue - 1;
    }
}
