using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Ruby build.</summary>
internal sealed partial class RubyBuild(BuildContext context, GemfileLock locked, CancellationToken cancellationToken)
{
    /// <summary>
    /// Downloaded archives of installed gems; Heroku keeps them out of the slug, too. And Bundler's program for itself, which insists on the
    /// version that wrote the lock file: the machine's is the one that runs.
    /// </summary>
    private const string Tidy = "rm -rf vendor/bundle/ruby/*/cache vendor/bundle/bin/bundle vendor/bundle/bin/bundler";

    private static readonly SourcePath s_bundle = SourcePath.Parse("vendor/bundle");
    private Dictionary<string, string> _environment = [];
    private string _ruby = string.Empty;
    private string _abi = string.Empty;
    private string _bundler = string.Empty;

    public async ValueTask<CompileResult> RunAsync()
    {
        var problem = await CheckAsync().ConfigureAwait(false)
            ?? await InstallAsync().ConfigureAwait(false)
            ?? await new RubyAssets(context, locked, _environment, cancellationToken).RunAsync().ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        var isRails = RubyRelease.IsRails(locked);
        var secret = isRails && !context.ConfigVars.TryGetValue(SecretKeyBase.Name, out _) ? SecretKeyBase.ReadOrMake(context) : null;
        var vendored = RubyEnvironment.IsVendored(context);
        context.WriteFile(".profile.d/ruby.sh", RubyEnvironment.Profile(vendored, _abi, isRails, secret));
        Advise(isRails);
        return new Compiled(vendored ? Exports() : null);
    }

    private ImmutableSortedDictionary<string, string> Exports() => ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("PATH", $"{context.AppPath}/bin:{context.AppPath}/vendor/bundle/bin:{context.Environment["PATH"]}"),
        KeyValuePair.Create("GEM_PATH", $"{context.AppPath}/vendor/bundle/ruby/{_abi}:"),
        KeyValuePair.Create("BUNDLE_PATH", "vendor/bundle"),
        KeyValuePair.Create("BUNDLE_WITHOUT", "development:test"),
    ]);

    private async ValueTask<string?> CheckAsync()
    {
        if (Toolchain.Missing(context, "Ruby", "ruby bundler", "ruby", "bundle") is { } missing)
        {
            return missing;
        }

        var (exit, text) = await context.ReadAsync(
            ["ruby", "-rbundler", "-e", "puts RUBY_VERSION, RbConfig::CONFIG['ruby_version'], Bundler::VERSION"], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded || text.Split('\n') is not [var ruby, var abi, var bundler] || !Version().IsMatch(abi))
        {
            return $"Ruby does not say which version it is: it ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair ruby and bundler on the platform's machine.";
        }

        (_ruby, _abi, _bundler) = (ruby, abi, bundler);
        _environment = RubyEnvironment.Of(context, bundler);
        context.Output.Heading($"Using Ruby version: ruby-{ruby}");
        if (RubyRequirement.Read(context.Tree) is { } wanted)
        {
            return wanted.Admits(ruby) ? null : Toolchain.Unmet(wanted.Place, wanted.Text, $"Ruby {ruby}");
        }

        TellVersions();
        return null;
    }

    /// <summary>What is written down but demanded by nobody.</summary>
    private void TellVersions()
    {
        string? file;
        try
        {
            file = RubyRequirement.VersionOf(context.Tree.ReadText(".ruby-version", 4096));
        }
        catch (InvalidDataException)
        {
            file = null;
        }

        if (locked.Ruby is { } version && version != _ruby)
        {
            context.Output.Warning($"Gemfile.lock was written with Ruby {version}; this platform has Ruby {_ruby}.");
        }
        else if (locked.Ruby is null && file is not null && file != _ruby)
        {
            context.Output.Warning($".ruby-version says {file}; this platform has Ruby {_ruby}. To demand a version, add the line 'ruby file: \".ruby-version\"' to the Gemfile.");
        }
    }

    private async ValueTask<string?> InstallAsync()
    {
        if (context.Tree.Exists(".bundle/config"))
        {
            context.Output.Warning("You have the `.bundle/config` file checked into your repository.");
            context.Output.Warning("It contains local state like the location of the installed bundle, and comes before the platform's settings. Please remove the");
            context.Output.Warning("`.bundle/` folder from your repo and add it to your `.gitignore` file.");
        }

        context.Output.Heading($"Installing dependencies using bundler {_bundler}");
        return RubyEnvironment.IsVendored(context) ? await InstallVendoredAsync().ConfigureAwait(false) : await InstallLocalAsync().ConfigureAwait(false);
    }

    private async ValueTask<string?> InstallVendoredAsync()
    {
        // Gems with native parts fit one ABI only.
        var kept = new KeptDirectories(context, $"ruby-{_abi}", cancellationToken);
        await kept.RestoreAsync([s_bundle]).ConfigureAwait(false);
        var restored = context.Tree.HasDirectory(s_bundle.ToString());
        string[] options = context.Packages.Offline ? ["--local"] : [];
        context.Output.Detail($"Running: bundle install{string.Concat(options.Select(static o => $" {o}"))}");
        if (await BundleAsync(["install", .. options]).ConfigureAwait(false) is { } problem)
        {
            return problem;
        }

        if (restored && await BundleAsync(["clean"]).ConfigureAwait(false) is { } unclean)
        {
            context.Output.Warning(unclean);
        }

        _ = await context.RunAsync(["bash", "-c", Tidy], cancellationToken: cancellationToken).ConfigureAwait(false);
        await kept.StoreAsync([s_bundle]).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<string?> InstallLocalAsync()
    {
        context.Output.Detail("Running: bundle install --local (with the gems of this machine)");
        return await BundleAsync(["install", "--local"]).ConfigureAwait(false) is { } problem
            ? $"{problem}\nThis platform builds offline: Gemfile.lock has to name the versions of the machine's own gems ('gem list'), or vendor/cache hold them all ('bundle package')."
            : null;
    }

    private async ValueTask<string?> BundleAsync(ImmutableArray<string> arguments)
    {
        var exit = await context.RunAsync(["bundle", .. arguments], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'bundle {string.Join(' ', arguments)}' ended with status {exit.Status}. What it printed stands above.";
    }

    private void Advise(bool isRails)
    {
        if (isRails && !context.Tree.HasFile("bin/rails"))
        {
            context.Output.Warning("There is no bin/rails, which the default processes web and console start. Run 'bin/rails app:update:bin' (or 'rake app:update:bin') and commit it.");
        }

        if (!context.Tree.Exists("Procfile"))
        {
            context.Output.Warning("No Procfile detected, using the default web server. We recommend explicitly declaring how to boot your server process via a Procfile.");
        }
    }

    [GeneratedRegex(@"^\d+(\.\d+)*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();
}
