namespace PaaS.Buildpacks.Tests;

public sealed class BuildpackChoiceTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_nearest_to_the_app_wins()
    {
        var settings = Settings(false, "acme/settings");
        var found = Settings(true, "acme/found");
        var url = ConfigVars.Empty.Apply(ConfigPatch.Create("BUILDPACK_URL", " https://example.com/url.git#v1 "));
        Write(("app.json", """{"buildpacks": [{"url": "urn:buildpack:heroku/nodejs"}, {"url": "ruby"}]}"""));

        Assert.Equal(["urn:buildpack:heroku/nodejs", "ruby"], Names(found));
        Write(("heroku.yml", "build:\n  buildpacks:\n    - acme/yml\n"));
        Assert.Equal(["acme/yml"], Names(found));
        Write((".buildpacks", "# first\r\nacme/one  https://example.com/two.tgz\n\n  # last\nheroku/ruby\n"));
        Assert.Equal(["acme/one", "https://example.com/two.tgz", "heroku/ruby"], Names(found));
        Assert.Equal(["https://example.com/url.git#v1"], Names(found, url));
        Assert.Equal(["acme/settings"], Names(settings, url));
    }

    [Fact]
    public void What_detection_found_before_holds_until_a_file_names_another()
    {
        Assert.Equal(BuildpackChoice.FirstBuild, Choice(Settings(true, "heroku/nodejs"))?.NamedBy);
        Assert.Null(Choice(BuildSettings.Default));
        Write((".buildpacks", "# nothing\n"), ("app.json", """{"buildpacks": []}"""), ("heroku.yml", "run:\n  web: x\n"));
        Assert.Null(Choice(BuildSettings.Default));
        Assert.Equal(BuildpackChoice.FirstBuild, Choice(Settings(true, "heroku/nodejs"))?.NamedBy);
    }

    [Fact]
    public void An_empty_BUILDPACK_URL_is_none() =>
        Assert.Null(Choice(BuildSettings.Default, ConfigVars.Empty.Apply(ConfigPatch.Create("BUILDPACK_URL", " "))));

    [Theory]
    [InlineData(".buildpacks", "heroku/nodejs\ngit@github.com:a/b.git\n", ".buildpacks line 2: 'git@github.com:a/b.git' names no buildpack")]
    [InlineData(".buildpacks", "heroku/nodejs --upload-pack=x", ".buildpacks line 1: '--upload-pack=x' names no buildpack")]
    [InlineData("app.json", """{"buildpacks": [{"url": "a b"}]}""", "app.json, buildpacks[0].url: 'a b'")]
    [InlineData("app.json", """{"buildpacks": ["heroku/nodejs"]}""", "app.json, buildpacks[0]: It must be an object")]
    [InlineData("app.json", """{"buildpacks": [{"url": "\ud83d"}]}""", "app.json, buildpacks: A text has an escape")]
    public void A_name_that_is_none_is_refused_with_its_place(string file, string text, string expected)
    {
        Write((file, text));

        Assert.StartsWith(expected, Assert.Throws<UnbuildableException>(() => Choice(BuildSettings.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_are_refused()
    {
        Write((".buildpacks", string.Concat(Enumerable.Repeat("heroku/nodejs\n", 21))));

        Assert.Contains("names 21 buildpacks; at most 20", Assert.Throws<UnbuildableException>(() => Choice(BuildSettings.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_is_no_JSON_names_none()
    {
        Write(("app.json", "{oops"));

        Assert.Null(Choice(BuildSettings.Default));
    }

    [Fact]
    public void A_container_build_is_refused_unless_the_app_is_set_to_buildpacks()
    {
        Write(("heroku.yml", "build:\n  docker:\n    web: Dockerfile\n"));

        Assert.StartsWith("heroku.yml line 2: build.docker asks for a container image", Assert.Throws<UnbuildableException>(() => Choice(Settings(true, "heroku/nodejs"))).Message, StringComparison.Ordinal);
        Assert.Equal(["heroku/nodejs"], Names(Settings(false, "heroku/nodejs")));
    }

    [Theory]
    [InlineData("heroku/nodejs")]
    [InlineData("nodejs")]
    [InlineData("urn:buildpack:heroku/nodejs")]
    public void A_buildpack_of_the_platform_is_found_by_each_form_of_its_name(string name) =>
        Assert.IsType<NodejsBuildpack>(BuildpackRegistry.BuiltIn.Find(BuildpackReference.Parse(name)));

    [Fact]
    public void One_whose_id_is_a_bare_word_is_found_by_it() =>
        Assert.NotNull(new BuildpackRegistry(new ScriptBuildpack("true", "cobol")).Find(BuildpackReference.Parse("cobol")));

    [Fact]
    public void The_name_of_a_repository_is_none_of_the_platforms()
    {
        Assert.Null(BuildpackRegistry.BuiltIn.Find(BuildpackReference.Parse("https://github.com/heroku/heroku-buildpack-nodejs")));
        Assert.Null(BuildpackRegistry.BuiltIn.Find(BuildpackReference.Parse("acme/nodejs")));
    }

    [Theory]
    [InlineData("my buildpack")]
    [InlineData("https://example.com/x.git")]
    [InlineData("heroku/nodejs")]
    public void A_registry_takes_only_names_and_each_once(string id) =>
        Assert.Throws<ArgumentException>(() => new BuildpackRegistry(new NodejsBuildpack(), new ScriptBuildpack("true", id)));

    private static BuildSettings Settings(bool detected, string name) => new() { Buildpacks = [BuildpackReference.Parse(name)], IsDetected = detected };

    private void Write(params (string Path, string Content)[] files) => Tree.Write(_temp.Path, files);

    private BuildpackChoice? Choice(BuildSettings settings, ConfigVars? vars = null)
    {
        var tree = new SourceTree(_temp.Path);
        return BuildpackChoice.Of(settings, vars ?? ConfigVars.Empty, tree, HerokuYml.Read(tree));
    }

    private IEnumerable<string> Names(BuildSettings settings, ConfigVars? vars = null) => Choice(settings, vars)!.Buildpacks.Select(static b => b.Text);
}
