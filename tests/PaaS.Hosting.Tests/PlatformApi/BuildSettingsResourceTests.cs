using System.Net;

namespace PaaS.Hosting.Tests;

public sealed class BuildSettingsResourceTests : ApiScene
{
    private const string Name = "floating-dragon-42";
    private const string Installations = $"/apps/{Name}/buildpack-installations";
    private const string Settings = $"/apps/{Name}/build-settings";

    [Fact]
    public async Task Buildpacks_are_set_added_and_cleared_as_the_command_line_does_it()
    {
        await CreateAsync();
        Assert.Equal("[]", (await Api.GetAsync(Installations)).Is(HttpStatusCode.OK).Text);

        // `buildpacks:set` and `buildpacks:add --index 1` both send the whole list.
        (await PutAsync("heroku/ruby")).Is(HttpStatusCode.OK);
        var list = (await PutAsync("https://github.com/heroku/heroku-buildpack-apt.git#v1", "heroku/ruby")).Is(HttpStatusCode.OK);

        Assert.Equal("""[{"buildpack":{"url":"https://github.com/heroku/heroku-buildpack-apt.git#v1","name":"https://github.com/heroku/heroku-buildpack-apt.git#v1"},"ordinal":0},{"buildpack":{"url":"heroku/ruby","name":"heroku/ruby"},"ordinal":1}]""", list.Text);
        Assert.Equal(list.Text, (await Api.GetAsync(Installations)).Text);
        Assert.Single(AppOf(Name).Releases);

        Assert.Equal("[]", (await PutAsync()).Is(HttpStatusCode.OK).Text);
    }

    [Theory]
    [InlineData("urn:buildpack:heroku/nodejs")]
    [InlineData("https://buildpack-registry.s3.amazonaws.com/buildpacks/heroku/nodejs.tgz")]
    public async Task What_Herokus_registry_calls_a_buildpack_is_its_name(string text)
    {
        await CreateAsync();

        Assert.Contains("\"heroku/nodejs\"", (await PutAsync(text)).Is(HttpStatusCode.OK).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"updates":[{"buildpack":"no name"}]}""")]
    [InlineData("""{"updates":[{"buildpack":"../up"}]}""")]
    [InlineData("""{"updates":[{"buildpack":"ssh://git@example.com/x.git"}]}""")]
    [InlineData("""{"updates":[{"buildpack":null}]}""")]
    [InlineData("""{"updates":[null]}""")]
    [InlineData("""{"updates":[{}]}""")]
    [InlineData("{}")]
    public async Task What_names_no_buildpack_is_refused_and_changes_nothing(string body)
    {
        await CreateAsync();
        await PutAsync("heroku/ruby");

        (await Api.SendAsync(HttpMethod.Put, Installations, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");

        Assert.Equal(["heroku/ruby"], AppOf(Name).Build.Buildpacks.Select(reference => reference.Text));
    }

    [Fact]
    public async Task Too_many_buildpacks_are_refused()
    {
        await CreateAsync();

        Assert.Contains("at most 20", (await PutAsync([.. Enumerable.Repeat("heroku/ruby", 500)])).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directories_and_secrets_are_set_kept_and_taken_back()
    {
        await CreateAsync();
        (await Api.PatchAsync(Settings, """{"root": "apps/web/", "secrets": ["LICENSE", "A"]}""")).Is(HttpStatusCode.OK);
        (await Api.PatchAsync(Settings, """{"app_dir": "src", "not_secrets": ["PUBLIC_KEY"]}""")).Is(HttpStatusCode.OK);

        var set = (await Api.GetAsync(Settings)).Is(HttpStatusCode.OK);
        Assert.Equal(("apps/web", "src", """["A","LICENSE"]""", """["PUBLIC_KEY"]""", Name), (set["root"], set["app_dir"], set["secrets"], set["not_secrets"], set["app.name"]));

        var cleared = (await Api.PatchAsync(Settings, """{"root": null, "app_dir": ".", "secrets": null}""")).Is(HttpStatusCode.OK);
        Assert.Equal(("", "", "[]", """["PUBLIC_KEY"]"""), (cleared["root"], cleared["app_dir"], cleared["secrets"], cleared["not_secrets"]));
        Assert.Single(AppOf(Name).Releases);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"app-dir": "src"}""")]
    [InlineData("""{"root": "../other"}""")]
    [InlineData("""{"root": "/etc/../x"}""")]
    [InlineData("""{"app_dir": "-rf"}""")]
    [InlineData("""{"app_dir": 7}""")]
    [InlineData("""{"secrets": "LICENSE"}""")]
    [InlineData("""{"secrets": ["A B"]}""")]
    [InlineData("""{"not_secrets": [1]}""")]
    [InlineData("""{"not_secrets": ["\ud800"]}""")]
    [InlineData("""{"root": "\ud800"}""")]
    [InlineData("""{"secrets": ["A"], "not_secrets": ["A"]}""")]
    public async Task A_setting_that_cannot_be_is_refused(string body)
    {
        await CreateAsync();

        (await Api.PatchAsync(Settings, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");

        Assert.Equal(BuildSettings.Default, AppOf(Name).Build);
    }

    [Fact]
    public async Task Settings_are_there_again_after_a_restart()
    {
        await CreateAsync();
        await PutAsync("heroku/ruby");
        await Api.PatchAsync(Settings, """{"root": "apps/web"}""");

        await Host.RestartAsync();

        Assert.Equal(("heroku/ruby", "apps/web"), (AppOf(Name).Build.Buildpacks.Single().Text, AppOf(Name).Build.Root?.ToString()));
    }

    [Fact]
    public async Task An_app_that_does_not_exist_is_not_found()
    {
        (await Api.GetAsync("/apps/nobody-here-1/buildpack-installations")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.SendAsync(HttpMethod.Put, "/apps/nobody-here-1/buildpack-installations", """{"updates":[]}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PatchAsync("/apps/nobody-here-1/build-settings", """{"root": null}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.DeleteAsync("/apps/nobody-here-1/build-cache")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.DeleteAsync("/apps/nobody-here-1/builds/6f0b2a3e-0000-4000-8000-000000000001")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    private async Task CreateAsync() => (await Api.PostAsync("/apps", $$"""{"name": "{{Name}}"}""")).Is(HttpStatusCode.Created);

    private Task<ApiAnswer> PutAsync(params string[] buildpacks) =>
        Api.SendAsync(HttpMethod.Put, Installations, $$"""{"updates":[{{string.Join(',', buildpacks.Select(buildpack => $$"""{"buildpack":"{{buildpack}}"}"""))}}]}""", range: " ");
}
