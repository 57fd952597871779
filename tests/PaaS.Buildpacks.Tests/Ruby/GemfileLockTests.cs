namespace PaaS.Buildpacks.Tests;

public sealed class GemfileLockTests
{
    private const string Rails = """
        PATH
          remote: engines/shop
          specs:
            shop (0.1.0)
              rails

        GEM
          remote: https://rubygems.org/
          specs:
            nokogiri (1.15.0-x86_64-linux)
              racc (~> 1.4)
            nokogiri (1.15.0-arm64-darwin)
            railties (6.1.7.10)
              rake (>= 12.2)
            pg (1.5.4)

        PLATFORMS
          x86_64-linux

        DEPENDENCIES
          pg (~> 1.5)
          thin (= 1)

        RUBY VERSION
           ruby 3.1.2p20

        BUNDLED WITH
           2.3.15
        """;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Gems_and_versions_are_read(string newLine)
    {
        var locked = GemfileLock.Parse(Rails.ReplaceLineEndings(newLine));

        Assert.Equal(["nokogiri", "pg", "railties", "shop"], locked.Gems.Keys.Order());
        Assert.Equal("1.15.0-x86_64-linux", locked.Gems["nokogiri"]);
        Assert.Equal(6, locked.Major("railties"));
        Assert.Equal(-1, locked.Major("rake"));
        Assert.Equal("3.1.2", locked.Ruby);
        Assert.Equal("2.3.15", locked.BundledWith);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<<<<<<< HEAD\n    a (1)\n")]
    [InlineData("GEM\n    a\n    (1)\n    b (\n")]
    public void What_is_no_lock_file_has_nothing(string text) => Assert.Empty(GemfileLock.Parse(text).Gems);

    [Theory]
    [InlineData("rack", true, "bundle exec rackup config.ru -p ${PORT:-5000}", "bundle exec irb")]
    [InlineData("rack", false, null, "bundle exec irb")]
    [InlineData("rake", true, null, "bundle exec irb")]
    [InlineData("rack thin", true, "bundle exec thin start -R config.ru -e $RACK_ENV -p ${PORT:-5000}", "bundle exec irb")]
    [InlineData("rack railties-6", true, "bin/rails server -p ${PORT:-5000} -e $RAILS_ENV", "bin/rails console")]
    [InlineData("rack thin railties-4", true, "bin/rails server -p ${PORT:-5000} -e $RAILS_ENV", "bin/rails console")]
    [InlineData("rack railties-3", true, "bundle exec rails server -p ${PORT:-5000}", "bundle exec rails console")]
    [InlineData("rack thin railties-3", true, "bundle exec thin start -e $RAILS_ENV -p ${PORT:-5000}", "bundle exec rails console")]
    public async Task Default_process_types_follow_the_gems(string gems, bool rackup, string? web, string console)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Gemfile", ""), ("Gemfile.lock", "GEM\n  specs:\n" + string.Concat(gems.Split(' ').Select(static g => $"    {g.Split('-')[0]} ({g.Split('-').ElementAtOrDefault(1) ?? "1"}.0.1)\n"))));
        if (rackup)
        {
            Tree.Write(temp.Path, ("config.ru", ""));
        }

        var types = (await new RubyBuildpack().ReleaseAsync(new BuildContext(new SourceTree(temp.Path)), default)).DefaultProcessTypes;

        Assert.Equal(web, types.GetValueOrDefault(ProcessType.Web));
        Assert.Equal(console, types[ProcessType.Parse("console")]);
        Assert.Equal("bundle exec rake", types[ProcessType.Parse("rake")]);
    }

    [Fact]
    public async Task An_app_with_the_gem_pg_wants_a_database()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Gemfile", ""), ("Gemfile.lock", Rails));

        var release = await new RubyBuildpack().ReleaseAsync(new BuildContext(new SourceTree(temp.Path)), default);

        Assert.Equal("heroku-postgresql", Assert.Single(release.AddOns));
        Assert.Empty(release.ConfigVars);
    }
}
