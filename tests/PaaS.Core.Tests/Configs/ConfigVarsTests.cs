namespace PaaS.Core.Tests;

public class ConfigVarsTests
{
    private static readonly ConfigVars Some = ConfigVars.Empty.Apply(ConfigPatch.Create([new("B", "2"), new("A", "1"), new("a", "3")]));

    [Fact]
    public void A_patch_sets_and_null_removes()
    {
        var vars = Some.Apply(ConfigPatch.Create([new("A", "9"), new("B", null), new("C", ""), new("D", null)]));

        Assert.Equal([new("A", "9"), new("C", ""), new("a", "3")], vars);
        Assert.Equal([new("A", "1"), new("B", "2"), new("a", "3")], Some);
        Assert.False(vars.ContainsKey("B"));
        Assert.True(vars.TryGetValue("C", out var empty) && empty.Length == 0);
        Assert.Throws<KeyNotFoundException>(() => vars["B"]);
    }

    [Fact]
    public void A_patch_that_changes_nothing_yields_the_same_instance()
    {
        Assert.Same(Some, Some.Apply(ConfigPatch.Empty));
        Assert.Same(Some, Some.Apply(ConfigPatch.Create([new("A", new string('1', 1)), new("Z", null)])));
    }

    [Fact]
    public void Config_vars_are_equal_if_names_and_values_are()
    {
        var same = ConfigVars.Empty.Apply(ConfigPatch.Create([new("a", "3"), new("B", "2")])).Apply(ConfigPatch.Create("A", "1"));

        Assert.Equal(Some, same);
        Assert.Equal(Some.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(Some, same.Apply(ConfigPatch.Create("A", "2")));
        Assert.NotEqual(Some, same.Apply(ConfigPatch.Create("A", null)));
        Assert.False(Some.Equals(null));
    }

    [Fact]
    public void Their_text_shows_names_only()
    {
        Assert.Equal("3 config vars: A, B, a", Some.ToString());
        Assert.Equal("1 config var: KEY", ConfigVars.Empty.Apply(ConfigPatch.Create("KEY", "hunter2")).ToString());
        Assert.Equal("no config vars", ConfigVars.Empty.ToString());
    }

    [Fact]
    public void Names_and_values_of_an_app_hold_at_most_64_KiB_of_UTF8()
    {
        // One byte for the name, two for each letter.
        var letters = (ConfigVars.MaxBytes - 2) / 2;
        Assert.True(ConfigVars.Empty.TryApply(ConfigPatch.Create([new("A", new string('\u00e9', letters)), new("B", "")]), out var full, out _));
        Assert.Equal(ConfigVars.MaxBytes, full.SizeInBytes);

        Assert.False(full.TryApply(ConfigPatch.Create([new("B", "hunter2")]), out var result, out var problem));
        Assert.Same(full, result);
        Assert.Contains("65,543 bytes", problem, StringComparison.Ordinal);
        Assert.Contains("at most 65,536", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_config_vars_can_be_made_fewer()
    {
        var tooMany = ConfigVars.Empty.Apply(ConfigPatch.Create([new("A", new string('a', ConfigVars.MaxBytes)), new("B", "b")]));

        Assert.True(tooMany.TryApply(ConfigPatch.Create("B", null), out var fewer, out _));
        Assert.False(tooMany.TryApply(ConfigPatch.Create("B", "c"), out _, out _));
        Assert.Equal(["A"], fewer.Keys);
    }
}
