using PaaS.Samples;

namespace PaaS.Buildpacks.Tests;

/// <summary>The sample that adds a language in one class.</summary>
[Collection(RealBuilds.Name)]
public sealed class CustomBuildpackTests
{
    private static readonly BuildpackRegistry WithPerl = new([.. BuildpackRegistry.BuiltIn.Buildpacks, new PerlBuildpack()]);

    [Fact]
    public async Task A_language_of_ones_own_is_detected_built_and_served()
    {
        await using var rig = new BuildRig(WithPerl);

        var built = await rig.SucceedAsync(SampleApp.SourceOf("CustomBuildpack/app"));

        Assert.Contains("-----> Using buildpack: acme/perl\n-----> Perl app detected\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("-----> Checking modules\n       IO::Socket::INET\n       Greeting\n-----> Checking scripts\n       app.pl syntax OK\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("perl app.pl", built.Slug.ProcessTypes[ProcessType.Web]);
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.StartsWith("Hello from Perl 5.", await app.Client.GetStringAsync("/"), StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData("app.pl", "use strict; $x = 1;", "app.pl does not compile")]
    [InlineData("cpanfile", "requires 'No::Such::Module';", "requires No::Such::Module, which this machine's Perl does not have")]
    [InlineData("cpanfile", "requires 'A;system(\"touch x\")';", "which this machine's Perl does not have")]
    [InlineData("cpanfile", "this is no Perl {", "The cpanfile can't be read")]
    public async Task What_is_wrong_with_an_app_is_said(string file, string text, string reason)
    {
        await using var rig = new BuildRig(WithPerl);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File(file, text)));

        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
        Assert.Equal("Perl", failed.Buildpack);
    }

    [Fact]
    public async Task It_comes_after_the_platforms_own_and_can_be_named()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp["app"], ("app.pl", ""), ("package.json", "{}"));

        var inspection = await WithPerl.InspectAsync(new SourceTree(temp["app"]));

        Assert.Equal(("heroku/nodejs", "acme/perl"), (inspection.Buildpack, inspection.AlsoMatching.Single()));
        await using var rig = new BuildRig(WithPerl);
        var named = BuildSettings.Default with { Buildpacks = [BuildpackReference.Parse("acme/perl")] };
        var built = await rig.SucceedAsync(new TarBuilder().File("app.pl", "1;").File("package.json", "{}"), settings: named);
        Assert.Equal("Perl", built.Slug.BuildpackDescription);
    }
}
