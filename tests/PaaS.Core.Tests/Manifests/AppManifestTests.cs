namespace PaaS.Core.Tests;

public class AppManifestTests
{
    [Fact]
    public void Cron_and_health_checks_are_read_in_Dokkus_form()
    {
        var manifest = AppManifest.Parse(
            """
            {
              "name": "an app", "env": {"A": {"required": true}}, "formation": {"web": {"quantity": 2}},
              "cron": [
                {"command": "rake cleanup", "schedule": "0 4 * * *"},
                {"command": "rake mail", "schedule": "@hourly", "size": "standard-2x"}
              ],
              "healthchecks": {"web": [{"type": "startup", "name": "up", "path": "/health?deep=1", "attempts": 7, "timeout": 2, "wait": 0, "content": "ok"}]}
            }
            """,
            out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Equal([new CronEntry("0 4 * * *", "rake cleanup"), new CronEntry("@hourly", "rake mail", DynoSize.Standard2X)], manifest.Cron.AsEnumerable());
        Assert.Equal(new HealthCheck("/health?deep=1", 7, TimeSpan.FromSeconds(2), TimeSpan.Zero, "ok"), manifest.HealthChecks[ProcessType.Web]);
    }

    [Fact]
    public void What_a_health_check_leaves_out_is_as_Dokku_has_it()
    {
        var manifest = AppManifest.Parse("""{"healthchecks": {"web": [{"type": "startup", "path": "/"}]}}""", out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Equal(new HealthCheck("/", 3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)), manifest.HealthChecks[ProcessType.Web]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("""{"cron": [], "healthchecks": {}}""")]
    [InlineData("""{"cron": null, "healthchecks": null}""")]
    [InlineData("""{"cron": [], "healthchecks": {"web": []}, "scripts": {"dokku": {}}}""")]
    public void A_manifest_may_say_nothing(string text)
    {
        var manifest = AppManifest.Parse(text, out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.True(manifest.Cron.IsEmpty && manifest.HealthChecks.IsEmpty);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{\n  \"cron\": [\n    {\"command\" \"x\"}\n  ]\n}", "line 3")]
    [InlineData("{\n\"a\": 1,\n}", "line 3")]
    [InlineData("<<<<<<< HEAD\n{}", "line 1")]
    [InlineData("[]", "line 1")]
    [InlineData("""{"cron": [{"\ud800": 1}]}""", "line 1")]
    public void A_file_that_is_no_manifest_is_passed_over_with_its_line(string text, string place)
    {
        var manifest = AppManifest.Parse(text, out var diagnostics);

        Assert.True(manifest.Cron.IsEmpty && manifest.HealthChecks.IsEmpty);
        var one = Assert.Single(diagnostics);
        Assert.False(one.IsError);
        Assert.Equal(place, one.Place);
        Assert.Contains("passed over", one.Message, StringComparison.Ordinal);
        Assert.StartsWith($"app.json, {place}: ", one.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"cron": {}}""", "cron", "must be a list")]
    [InlineData("""{"cron": ["x"]}""", "cron[0]", "must be an object")]
    [InlineData("""{"cron": [{"schedule": "@daily"}]}""", "cron[0].command", "text in quotation marks")]
    [InlineData("""{"cron": [{"schedule": "@daily", "command": " "}]}""", "cron[0].command", "command is missing")]
    [InlineData("""{"cron": [{"schedule": "@daily", "command": "a\u0000b"}]}""", "cron[0].command", "NUL")]
    [InlineData("""{"cron": [{"schedule": "@daily", "command": "\ud800"}]}""", "cron[0].command", "text in quotation marks")]
    [InlineData("""{"cron": [{"command": "x"}]}""", "cron[0].schedule", "text in quotation marks")]
    [InlineData("""{"cron": [{"command": "x", "schedule": "@daily"}, {"command": "x", "schedule": "61 * * * *"}]}""", "cron[1].schedule", "Column 1: '61' is no minute")]
    [InlineData("""{"cron": [{"command": "x", "schedule": "@daily", "size": "huge"}]}""", "cron[0].size", "Standard-1X")]
    [InlineData("""{"healthchecks": []}""", "healthchecks", "must be an object")]
    [InlineData("""{"healthchecks": {"web": {}}}""", "healthchecks.web", "must be a list")]
    [InlineData("""{"healthchecks": {"web": [1]}}""", "healthchecks.web[0]", "must be an object")]
    [InlineData("""{"healthchecks": {"web": [{"path": "/"}]}}""", "healthchecks.web[0].type", "text")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "health"}]}}""", "healthchecks.web[0].path", "begin with '/'")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/a\r\nHost: x"}]}}""", "healthchecks.web[0].path", "without blanks")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/", "attempts": 0}]}}""", "healthchecks.web[0].attempts", "1 to 100")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/", "timeout": 1.5}]}}""", "healthchecks.web[0].timeout", "1 to 60, in seconds")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/", "wait": "5"}]}}""", "healthchecks.web[0].wait", "0 to 60, in seconds")]
    public void An_entry_that_cannot_be_carried_out_is_an_error_with_its_place(string text, string place, string message)
    {
        AppManifest.Parse(text, out var diagnostics);

        var one = Assert.Single(diagnostics);
        Assert.True(one.IsError);
        Assert.Equal(place, one.Place);
        Assert.Contains(message, one.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"cron": [{"command": "x", "schedule": "@daily", "concurrency_policy": "allow"}]}""", "cron[0].concurrency_policy")]
    [InlineData("""{"healthchecks": {"worker": [{"type": "startup", "path": "/"}]}}""", "healthchecks")]
    [InlineData("""{"healthchecks": {"web": [{"type": "liveness", "path": "/"}]}}""", "healthchecks.web[0]")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "uptime": 3}]}}""", "healthchecks.web[0]")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/a"}, {"type": "startup", "path": "/b"}]}}""", "healthchecks.web[1]")]
    [InlineData("""{"healthchecks": {"web": [{"type": "startup", "path": "/a", "port": 5}]}}""", "healthchecks.web[0].port")]
    public void What_is_not_known_is_passed_over_and_said(string text, string place)
    {
        AppManifest.Parse(text, out var diagnostics);

        var one = Assert.Single(diagnostics);
        Assert.Equal((place, false), (one.Place, one.IsError));
        Assert.Contains("passed over", one.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_entries_than_an_app_may_have_are_an_error()
    {
        AppManifest.Parse($"{{\"cron\": [{string.Join(',', Enumerable.Repeat("""{"command": "x", "schedule": "@daily"}""", 101))}]}}", out var diagnostics);

        Assert.Contains("at most 100", Assert.Single(diagnostics).Message, StringComparison.Ordinal);
    }
}
