namespace PaaS.Buildpacks.Tests;

public sealed class BuildpackNamesTests
{
    [Theory]
    [InlineData("heroku/nginx", "https://github.com/heroku/heroku-buildpack-nginx.git")]
    [InlineData("heroku-community/apt", "https://github.com/heroku/heroku-buildpack-apt.git")]
    [InlineData("heroku/jvm", "https://github.com/heroku/heroku-buildpack-jvm-common.git")]
    [InlineData("dokku/null", "https://github.com/dokku/heroku-buildpack-null.git")]
    public void A_name_stands_for_a_repository(string name, string repository) => Assert.Equal(repository, BuildpackNames.Repository(name));

    [Theory]
    [InlineData("https://github.com/heroku/heroku-buildpack-apt.git#v1", "apt")]
    [InlineData("https://codon-buildpacks.s3.amazonaws.com/buildpacks/emk/rust.tgz", "rust")]
    [InlineData("https://example.com/x.tar.gz", "x")]
    [InlineData("/srv/buildpacks/mine/", "mine")]
    [InlineData("heroku/nginx", "nginx")]
    public void A_buildpack_has_a_name_before_it_says_one(string reference, string name) => Assert.Equal(name, BuildpackNames.Display(BuildpackReference.Parse(reference)));

    [Theory]
    [InlineData("https://example.com/x.tgz#sha256=0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", true)]
    [InlineData("https://example.com/x.git#0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("/srv/x#0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("https://example.com/x.tgz", false)]
    [InlineData("https://example.com/x.git#v1", false)]
    [InlineData("https://example.com/x.git#0123456", false)]
    [InlineData("heroku/nginx", false)]
    public void A_full_commit_or_a_digest_pins(string reference, bool pinned) => Assert.Equal(pinned, BuildpackReference.Parse(reference).IsPinned);

    [Theory]
    [InlineData("https://example.com/x.tgz#v1")]
    [InlineData("https://example.com/x.tgz#sha256=0123")]
    [InlineData("https://example.com/x.git#sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("/srv/x#sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("https://user:secret@example.com/x.git")]
    [InlineData("https://example.com/x.git#--upload-pack=x")]
    [InlineData("git@github.com:heroku/x.git")]
    [InlineData("ssh://github.com/x.git")]
    [InlineData("ext::sh -c x")]
    public void What_could_be_something_else_is_no_reference(string reference) => Assert.False(BuildpackReference.TryParse(reference, null, out _));
}
