namespace PaaS.Buildpacks.Tests;

public sealed class RubyRequirementTests
{
    [Theory]
    [InlineData("ruby '3.1.2'", "3.1.2", true)]
    [InlineData("ruby \"3.1.2\"", "3.1.4", false)]
    [InlineData("  ruby(\"3.1.2\")", "3.1.2", true)]
    [InlineData("ruby '~> 3.1'", "3.4.0", true)]
    [InlineData("ruby '~> 3.1'", "4.0.0", false)]
    [InlineData("ruby '~> 3.1.1'", "3.1.9", true)]
    [InlineData("ruby '~> 3.1.1'", "3.2.0", false)]
    [InlineData("ruby '~> 3'", "3.9.0", true)]
    [InlineData("ruby '>= 2.7', '< 3.2'", "3.1.2", true)]
    [InlineData("ruby '>= 2.7', '< 3.1'", "3.1.2", false)]
    [InlineData("ruby '>= 3.2'", "3.1.2", false)]
    [InlineData("ruby '!= 3.1.2'", "3.1.2", false)]
    [InlineData("ruby '3.1'", "3.1.0", true)]
    [InlineData("ruby '3.2.0.preview1'", "3.1.2", true)]
    public void A_Gemfile_demands_what_Bundler_would_hold_it_to(string line, string version, bool admits)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Gemfile", $"source 'https://rubygems.org'\n{line}\ngem 'rack'\n"));

        var wanted = RubyRequirement.Read(new SourceTree(temp.Path));

        Assert.NotNull(wanted);
        Assert.Equal(admits, wanted.Admits(version));
    }

    [Theory]
    [InlineData("# ruby '3.1.2'")]
    [InlineData("ruby ENV['RUBY']")]
    [InlineData("gem 'ruby', '3.1.2'")]
    [InlineData("rubygems '3'")]
    [InlineData("ruby file: '../.ruby-version'")]
    public void What_is_not_written_out_is_left_to_Bundler(string line)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Gemfile", line));

        Assert.Null(RubyRequirement.Read(new SourceTree(temp.Path)));
    }

    [Theory]
    [InlineData(".ruby-version", "3.1.4\n", "3.1.4")]
    [InlineData(".ruby-version", "ruby-3.1.4", "3.1.4")]
    [InlineData(".tool-versions", "nodejs 20.1.0\nruby 3.1.4\n", "3.1.4")]
    public void A_Gemfile_may_name_a_file(string file, string text, string version)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Gemfile", $"ruby file: \"{file}\"\n"), (file, text));

        var wanted = RubyRequirement.Read(new SourceTree(temp.Path));

        Assert.Equal((version, file), (wanted?.Text, wanted?.Place));
    }
}
