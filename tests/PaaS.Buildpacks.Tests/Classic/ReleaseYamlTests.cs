namespace PaaS.Buildpacks.Tests;

public sealed class ReleaseYamlTests
{
    [Theory]
    [InlineData("")]
    [InlineData("---")]
    [InlineData("--- {}")]
    [InlineData("{}")]
    [InlineData("addons:\nconfig_vars:\ndefault_process_types:\n")]
    [InlineData("addons: []\nconfig_vars: {}\ndefault_process_types: []\nunknown: [1]\n")]
    [InlineData("default_process_types:\n  web:\n  worker: ~\n")]
    public void All_ways_to_say_nothing_mean_nothing(string text)
    {
        var release = ReleaseYaml.Read(text);

        Assert.Empty(release.AddOns);
        Assert.Empty(release.ConfigVars);
        Assert.Empty(release.DefaultProcessTypes);
    }

    [Fact]
    public void The_three_known_keys_are_read_with_values_kept_literal()
    {
        var release = ReleaseYaml.Read("""
            ---
            addons:
              - heroku-postgresql
              - shared-database:5mb
            config_vars:
              PATH: bin:/usr/bin:/bin
              NUMBER: 5
            default_process_types:
              web: java $JAVA_OPTS -jar target/*.jar --port ${PORT:-5000}
              worker: 'bundle exec "x"'
              script: |
                one line
            """);

        Assert.Equal(["heroku-postgresql", "shared-database:5mb"], release.AddOns.AsEnumerable());
        Assert.Equal(["NUMBER=5", "PATH=bin:/usr/bin:/bin"], release.ConfigVars.Select(static v => $"{v.Key}={v.Value}"));
        Assert.Equal(
            ["script=one line", "web=java $JAVA_OPTS -jar target/*.jar --port ${PORT:-5000}", "worker=bundle exec \"x\""],
            release.DefaultProcessTypes.Select(static t => $"{t.Key}={t.Value}"));
    }

    [Theory]
    [InlineData("- a", "line 1")]
    [InlineData("addons: x", "line 1: 'addons' must be a list")]
    [InlineData("addons:\n  - [x]", "line 2: an add-on")]
    [InlineData("config_vars: [a]", "'config_vars' must be")]
    [InlineData("config_vars:\n  'a=b': c", "line 2: 'a=b'")]
    [InlineData("default_process_types:\n  web: [a]", "line 2: 'web'")]
    [InlineData("default_process_types:\n  we b: a", "line 2: 'we b'")]
    public void What_cannot_be_used_is_said_with_its_line(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => ReleaseYaml.Read(text)).Message, StringComparison.Ordinal);
}
