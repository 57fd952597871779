using System.CommandLine;
using System.Globalization;
using PaaS.Buildpacks;
using PaaS.Core;
using PaaS.Hosting;

namespace PaaS.ReferenceHost;

/// <summary>The options of <c>up</c> about builds and slugs.</summary>
internal sealed class UpBuildOptions
{
    private static readonly Dictionary<string, Func<PackageSources, Uri, PackageSources>> s_sources = new(StringComparer.OrdinalIgnoreCase)
    {
        ["rubygems"] = static (sources, url) => sources with { RubyGems = url },
        ["pypi"] = static (sources, url) => sources with { PyPi = url },
        ["maven"] = static (sources, url) => sources with { Maven = url },
        ["clojars"] = static (sources, url) => sources with { Clojars = url },
        ["goproxy"] = static (sources, url) => sources with { GoProxy = url },
        ["packagist"] = static (sources, url) => sources with { Packagist = url },
        ["npm"] = static (sources, url) => sources with { Npm = url },
        ["nuget"] = static (sources, url) => sources with { NuGet = url },
    };

    public Option<bool> Offline { get; } = new("--offline") { Description = "Builds use the packages of this machine instead of any index. npm and NuGet go on asking theirs." };

    public Option<string[]> PackageSource { get; } = PackageSourceOption();

    public Option<ProcessNetwork> BuildNetwork { get; } = new("--build-network")
    {
        Description = "own (the default): a sandboxed build reaches the internet, and nothing of this machine. host: it shares this machine's network, as for a package mirror on loopback.",
        HelpName = "NETWORK",
        DefaultValueFactory = static _ => ProcessNetwork.Own,
    };

    public Option<int> BuildTimeout { get; } = NumberOption("--build-timeout", 15, 1, 24 * 60, "MINUTES", "How many minutes a build may take. Default: 15, as on Heroku.");

    public Option<int> BuildMemory { get; } = NumberOption("--build-memory", 2560, 64, 1 << 20, "MB", "How much memory a build may use. Default: 2560 MB.");

    public Option<int> MaxCache { get; } = NumberOption("--max-build-cache", 2048, 0, 1 << 20, "MB", "How much an app may keep between builds. Default: 2048 MB.");

    public Option<SlugFormat> SlugFormat { get; } = new("--slug-format") { Description = "gzip (the default), or zstd where the machine has libzstd.", HelpName = "FORMAT" };

    public Option<int> KeptReleases { get; } = NumberOption("--kept-releases", 20, 1, 10_000, "N", "How many of an app's newest releases keep their slugs when the disk runs short. Default: 20.");

    public Option<DirectoryInfo[]> BuildpackRoots { get; } = new("--buildpack-root") { Description = "A directory whose folders apps may name as buildpacks. Can be given more than once.", HelpName = "DIR" };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Offline, PackageSource, BuildNetwork, BuildTimeout, BuildMemory, MaxCache, SlugFormat, KeptReleases, BuildpackRoots];

    /// <summary>Puts what was given into the platform's options.</summary>
    public void Apply(ParseResult parsed, PaaSOptions o)
    {
        var sources = o.Builds.Packages with { Offline = parsed.GetValue(Offline) };
        foreach (var given in parsed.GetValue(PackageSource) ?? [])
        {
            var (name, url) = Read(given)!.Value;
            sources = s_sources[name](sources, url);
        }

        o.Builds = o.Builds with
        {
            Packages = sources,
            Network = parsed.GetValue(BuildNetwork),
            Timeout = TimeSpan.FromMinutes(parsed.GetValue(BuildTimeout)),
            Limits = o.Builds.Limits with { MemoryBytes = (long)parsed.GetValue(BuildMemory) << 20 },
            MaxCacheBytes = (long)parsed.GetValue(MaxCache) << 20,
            SlugFormat = parsed.GetValue(SlugFormat),
            BuildpackRoots = [.. (parsed.GetValue(BuildpackRoots) ?? []).Select(static root => root.FullName)],
        };
        o.Retention = o.Retention with { KeptReleases = parsed.GetValue(KeptReleases) };
    }

    private static (string Name, Uri Url)? Read(string given) =>
        given.Split('=', 2) is [var name, var text] && s_sources.ContainsKey(name) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? (name, url)
            : null;

    private static Option<string[]> PackageSourceOption()
    {
        var names = string.Join(", ", s_sources.Keys);
        var option = new Option<string[]>("--package-source")
        {
            Description = $"Another index than the public one, such as pypi=https://mirror.example.com/simple. Names: {names}. Can be given more than once.",
            HelpName = "NAME=URL",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => Read(token.Value) is null) is { } wrong)
            {
                result.AddError($"--package-source {wrong.Value}: write NAME=URL with an http or https address and one of the names {names}.");
            }
        });
        return option;
    }

    private static Option<int> NumberOption(string name, int number, int least, int most, string unit, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = unit, DefaultValueFactory = _ => number };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given >= least && given <= most))
            {
                result.AddError($"{name} {text.Value}: a number from {least} to {most}.");
            }
        });
        return option;
    }
}
