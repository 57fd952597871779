namespace PaaS.Buildpacks.Tests;

public sealed class HerokuYmlTests
{
    [Fact]
    public void All_that_a_build_by_buildpacks_needs_is_read()
    {
        var yml = HerokuYmlReader.Read("""
            setup:
              addons:
                - plan: heroku-postgresql
            build:
              buildpacks:
                - heroku/nodejs
                - https://example.com/x.git#v2
              config:
                RAILS_ENV: test
                COUNT: 3
                EMPTY:
            release:
              command:
                - ./migrate.sh --all
              image: worker
            run:
              web: bundle exec puma -p $PORT
              worker: [bundle, exec, sidekiq]
              clock:
                command:
                  - python clock.py
                image: worker
            """);

        Assert.Equal(["heroku/nodejs", "https://example.com/x.git#v2"], yml.Buildpacks.Select(static b => b.Text));
        Assert.Equal([new("COUNT", "3"), new("EMPTY", ""), new("RAILS_ENV", "test")], yml.Config.AsEnumerable());
        Assert.Equal("./migrate.sh --all", yml.ReleaseCommand);
        Assert.Equal(
            [("clock", "python clock.py"), ("web", "bundle exec puma -p $PORT"), ("worker", "bundle exec sidekiq")],
            yml.Run!.Select(static p => (p.Key.ToString(), p.Value)));
        Assert.Null(yml.Problem);
        Assert.Equal(
            ["heroku.yml line 1: setup is passed over", "heroku.yml line 15: release.image is passed over", "heroku.yml line 22: run.clock.image is passed over"],
            yml.Diagnostics.Select(static d => d.Text[..d.Text.IndexOf("over", StringComparison.Ordinal)] + "over"));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("# nothing\n", null)]
    [InlineData("build:\nrun:\nrelease:\n", null)]
    [InlineData("languages:\n  - ruby\n", "heroku.yml line 1: 'languages' is not known in the file, and is passed over.")]
    [InlineData("build:\n  languages: [ruby]\n", "heroku.yml line 2: 'languages' is not known in build, and is passed over.")]
    [InlineData("run:\n  web:\n    command: x\n    env: y\n", "heroku.yml line 4: 'env' is not known in run.web, and is passed over.")]
    public void What_is_not_known_is_a_warning(string text, string? warning)
    {
        var yml = HerokuYmlReader.Read(text);

        Assert.Null(yml.Problem);
        Assert.Equal(warning, yml.Diagnostics.SingleOrDefault()?.Text);
    }

    [Theory]
    [InlineData("- a\n- b\n", "heroku.yml line 1: the file must be made of names and values")]
    [InlineData("build: x\n", "heroku.yml line 1: build must be made of names and values")]
    [InlineData("build:\n  buildpacks:\n    - git@x:y\n", "heroku.yml line 3: 'git@x:y' names no buildpack")]
    [InlineData("build:\n  buildpacks:\n    - {url: x}\n", "heroku.yml line 3: build.buildpacks is a list of names")]
    [InlineData("build:\n  config:\n    A B: c\n", "heroku.yml line 3: build.config: ")]
    [InlineData("build:\n  config:\n    A: [c]\n", "heroku.yml line 3: build.config.A must be a text")]
    [InlineData("run:\n  web server: x\n", "heroku.yml line 2: run: 'web server' is no process type")]
    [InlineData("run:\n  web:\n", "heroku.yml line 2: run.web is empty")]
    [InlineData("run:\n  web: {image: x}\n", "heroku.yml line 2: run.web has no command")]
    [InlineData("run:\n  web: [[x]]\n", "heroku.yml line 2: run.web must be a text, or a list of texts")]
    [InlineData("run:\n  web: |\n    a\n    b\n", "heroku.yml line 2: run.web has several lines")]
    [InlineData("run:\n  release: x\n", "heroku.yml line 2: run.release: the release command is in a section of its own")]
    [InlineData("release:\n  command: [{}]\n", "heroku.yml line 2: release.command must be a text")]
    [InlineData("run: {web: x\n", "heroku.yml, line ")]
    [InlineData("a: &x [1]\nb: *x\n", "heroku.yml, line 1, column 4: anchors (&name) and aliases (*name) are not read")]
    [InlineData("run:\n  web: a\n  web: b\n", "heroku.yml, line 3, column 3: 'web' is there twice")]
    public void What_cannot_be_carried_out_is_an_error_with_its_line(string text, string expected) =>
        Assert.StartsWith(expected, HerokuYmlReader.Read(text).Problem, StringComparison.Ordinal);

    [Fact]
    public void Deep_and_large_texts_are_refused()
    {
        using var temp = new TempDirectory();

        Assert.Contains("nested deeper", HerokuYmlReader.Read(string.Concat(Enumerable.Repeat("[", 10_000))).Problem, StringComparison.Ordinal);
        Assert.Contains("more than 5,000 values", HerokuYmlReader.Read($"run: [{string.Join(',', Enumerable.Repeat('1', 9_000))}]").Problem, StringComparison.Ordinal);
        Tree.Write(temp.Path, ("heroku.yml", new string('#', 100_000)));
        Assert.Contains("is larger than", HerokuYml.Read(new SourceTree(temp.Path))!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_run_takes_the_place_of_the_Procfile_and_its_release_stands_beside_it()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Procfile", "web: old\nrelease: old\nworker: w\n"));
        var tree = new SourceTree(temp.Path);

        var beside = DeclaredTypes.Read(tree, HerokuYmlReader.Read("release:\n  command: new\n"));
        var replaced = DeclaredTypes.Read(tree, HerokuYmlReader.Read("run:\n  web: new\n"));

        Assert.Equal(["release=new", "web=old", "worker=w"], beside.Types.Select(static p => $"{p.Key}={p.Value}"));
        Assert.Equal(("Procfile", "heroku.yml"), (beside.File, replaced.File));
        Assert.Equal(["web=new"], replaced.Types.Select(static p => $"{p.Key}={p.Value}"));
        Assert.StartsWith("Procfile is passed over", Assert.Single(replaced.Diagnostics).Text, StringComparison.Ordinal);
    }
}
