using System.Diagnostics;
using System.Security.Cryptography;

namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class RubyBuildTests
{
    private const string Empty = "GEM\n  specs:\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n";

    [Fact]
    public async Task The_Sinatra_sample_runs_on_the_machines_gems()
    {
        await using var rig = await BuildRig.Sandboxed(options: Offline);

        var built = await rig.SucceedAsync(SampleApp.Source("sinatra"));

        Assert.Contains("Running: bundle install --local", rig.Output, StringComparison.Ordinal);
        var tree = await rig.UnpackAsync(built.Slug);
        Assert.False(Directory.Exists(Path.Combine(tree, "vendor")));
        Assert.False(Path.Exists(Path.Combine(tree, ".bundle")));
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.StartsWith("Hello from Sinatra\nRuby 3.", await app.Client.GetStringAsync(new Uri("", UriKind.Relative)), StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task The_Rails_sample_has_assets_a_database_and_a_secret()
    {
        await using var rig = await BuildRig.Sandboxed(options: Offline);

        var built = await rig.SucceedAsync(SampleApp.Source("rails"));
        Assert.DoesNotContain("Running: rake assets:clean", rig.Output, StringComparison.Ordinal);
        built = await rig.SucceedAsync(SampleApp.Source("rails").File("changed"));

        Assert.Contains("Running: rake assets:clean", rig.Output, StringComparison.Ordinal);
        Assert.Equal(["console", "rake", "web"], built.Slug.ProcessTypes.Keys.Select(static t => t.ToString()).Order());
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        var page = await app.Client.GetStringAsync(new Uri("", UriKind.Relative));
        Assert.Contains("Hello from Rails", page, StringComparison.Ordinal);
        Assert.Contains("database was made: 1", page, StringComparison.Ordinal);
        var sheet = page.Split("href=\"/assets/")[1].Split('"')[0];
        Assert.Contains("system-ui", await app.Client.GetStringAsync(new Uri($"assets/{sheet}", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gems_come_from_the_operators_mirror_into_the_app_and_are_kept()
    {
        await using var index = new LoopbackIndex();
        await using var rig = await BuildRig.Sandboxed(options: o => o with { Network = ProcessNetwork.Host, Packages = o.Packages with { RubyGems = index.Address } });
        await PublishAsync(index, rig.Temp["gem"], "paas_greeting");
        await PublishAsync(index, rig.Temp["gem"], "paas_only_for_tests");
        index.Add("versions", $"created_at: 2026-01-01T00:00:00Z\n---\npaas_greeting 1.0.0 {Md5(index, "paas_greeting")}\npaas_only_for_tests 1.0.0 {Md5(index, "paas_only_for_tests")}\n");
        var source = new TarBuilder()
            .File("Gemfile", "source 'https://rubygems.org'\nruby '>= 2.7'\ngem 'paas_greeting'\ngroup :test do\n  gem 'paas_only_for_tests'\nend\n")
            .File("Gemfile.lock", """
                GEM
                  remote: https://rubygems.org/
                  specs:
                    paas_greeting (1.0.0)
                    paas_only_for_tests (1.0.0)

                PLATFORMS
                  ruby

                DEPENDENCIES
                  paas_greeting
                  paas_only_for_tests

                BUNDLED WITH
                   2.5.22

                """)
            .File("Procfile", "greet: bundle exec paas_greeting\n");

        var built = await rig.SucceedAsync(source);

        Assert.Contains("gems/paas_greeting-1.0.0.gem", index.Requests);
        Assert.DoesNotContain("gems/paas_only_for_tests-1.0.0.gem", index.Requests);
        Assert.DoesNotContain(index.Requests, static r => r.Contains("bundler", StringComparison.Ordinal));
        var tree = await rig.UnpackAsync(built.Slug);
        Assert.False(Path.Exists(Path.Combine(tree, ".bundle")));
        Assert.False(Directory.Exists(Path.Combine(tree, "vendor/bundle/ruby/3.1.0/cache")));
        Assert.Equal("hello from the mirror", await RunningApp.RunAsync(rig, built.Slug, built.Slug.ProcessTypes[ProcessType.Parse("greet")]));
        Assert.Equal("hello from the mirror", await RunningApp.RunAsync(rig, built.Slug, "paas_greeting"));

        index.Forget();
        await rig.SucceedAsync(source.File("changed"));

        Assert.DoesNotContain(index.Requests, static r => r.StartsWith("gems/", StringComparison.Ordinal));
        Assert.DoesNotContain("'bundle clean' ended", rig.Output, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_rake_task_for_assets_is_run_with_a_stand_in_for_the_database()
    {
        await using var rig = await BuildRig.Sandboxed(options: Offline);
        var source = new TarBuilder()
            .File("Gemfile", "source 'https://rubygems.org'\ngem 'rake'\n")
            .File("Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n    rake (13.0.6)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rake\n")
            .File("Rakefile", """
                namespace :assets do
                  task :precompile do
                    mkdir_p "public/assets"
                    File.write("public/assets/built", [ENV["RAILS_ENV"], ENV["RAILS_GROUPS"], ENV["SECRET_KEY_BASE"], ENV["GREETING"]].join(" "))
                  end
                end
                """);
        Assert.True(ConfigPatch.TryCreate([new("GREETING", "hello")], out var patch, out _));

        var built = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch));

        Assert.Equal("production assets dummy hello", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), "public/assets/built")));
    }

    [Fact]
    public async Task A_lock_file_is_required()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("Gemfile", "source 'https://rubygems.org'\n")));

        Assert.StartsWith("Gemfile.lock required. Please check it in.", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Ruby_that_the_machine_does_not_have_is_named_with_what_it_has()
    {
        await using var rig = new BuildRig(options: Offline);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("Gemfile", "ruby '1.8.7'\n").File("Gemfile.lock", Empty)));

        Assert.Contains("The line 'ruby' in the Gemfile asks for 1.8.7, but this platform has Ruby 3.", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gem_that_an_offline_platform_does_not_have_fails_with_the_way_out()
    {
        await using var rig = new BuildRig(options: Offline);
        var source = new TarBuilder()
            .File("Gemfile", "source 'https://rubygems.org'\ngem 'paas_nowhere'\n")
            .File(".bundle/config", "---\nBUNDLE_JOBS: \"2\"\n")
            .File("Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n    paas_nowhere (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  paas_nowhere\n");

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(source));

        Assert.Contains("This platform builds offline", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("paas_nowhere", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" !     You have the `.bundle/config` file checked into your repository.", rig.Output, StringComparison.Ordinal);
    }

    private static BuildOptions Offline(BuildOptions options) => options with { Packages = new PackageSources { Offline = true } };

    /// <summary>A gem with one program, built by RubyGems and put into an index of the kind that Bundler asks first.</summary>
    private static async Task PublishAsync(LoopbackIndex index, string directory, string name)
    {
        Tree.Write(
            directory,
            ($"exe/{name}", $"#!/usr/bin/env ruby\nrequire '{name}'\n"),
            ($"lib/{name}.rb", "puts 'hello from the mirror'\n"),
            ($"{name}.gemspec", $"Gem::Specification.new do |s|\n  s.name = '{name}'\n  s.version = '1.0.0'\n  s.summary = s.name\n  s.authors = ['x']\n  s.files = ['exe/{name}', 'lib/{name}.rb']\n  s.bindir = 'exe'\n  s.executables = ['{name}']\nend\n"));
        File.SetUnixFileMode(Path.Combine(directory, "exe", name), (UnixFileMode)0b111_101_101);
        using var build = Process.Start(new ProcessStartInfo("gem", ["build", $"{name}.gemspec"]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, await build.StandardError.ReadToEndAsync());
        var gem = await File.ReadAllBytesAsync(Path.Combine(directory, $"{name}-1.0.0.gem"));
        index.Add($"gems/{name}-1.0.0.gem", gem);
        index.Add($"info/{name}", Info(gem));
    }

    private static string Info(byte[] gem) => $"---\n1.0.0 |checksum:{Convert.ToHexStringLower(SHA256.HashData(gem))}\n";

#pragma warning disable CA5351 // The index's own format; nothing is kept safe by it.
    private static string Md5(LoopbackIndex index, string name) => Convert.ToHexStringLower(MD5.HashData(index.Content($"info/{name}")));
#pragma warning restore CA5351
}
