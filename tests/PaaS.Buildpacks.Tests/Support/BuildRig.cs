using System.Collections.Immutable;
using System.Text;
using PaaS.Runtime;

namespace PaaS.Buildpacks.Tests;

/// <summary>A builder with a real launcher, in directories of its own. As root, builds run as a user of the app's.</summary>
internal sealed class BuildRig : IAsyncDisposable
{
    public const int AppUser = 34567;
    private readonly IAsyncDisposable _owned;
    private readonly List<string> _lines = [];

    public BuildRig(BuildpackRegistry? buildpacks = null, Func<BuildOptions, BuildOptions>? options = null, TimeProvider? time = null, IBuildpackSource? foreign = null)
    {
        Temp = new TempDirectory();
        var launcher = new PlainLauncher(Temp["records"]);
        _owned = launcher;
        Builder = Make(launcher, buildpacks, options, time, foreign);
    }

    private BuildRig(TempDirectory temp, SandboxLauncher launcher, BuildpackRegistry? buildpacks, Func<BuildOptions, BuildOptions>? options)
    {
        Temp = temp;
        _owned = launcher;
        Builder = Make(launcher, buildpacks, options, null, null);
    }

    public TempDirectory Temp { get; }

    public InMemorySlugStore Store { get; } = new();

    public SlugBuilder Builder { get; }

    public AppId App { get; init; } = AppId.New();

    /// <summary>How the app wants to be built.</summary>
    public BuildSettings Settings { get; set; } = BuildSettings.Default;

    /// <summary>What builds find as their cache.</summary>
    public string Cache => Path.Combine(Temp["caches"], App.ToString(), Slug.DefaultStack, "cache");

    public int? UserId { get; } = Environment.IsPrivilegedProcess ? AppUser : null;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>A rig whose builds run in sandboxes.</summary>
    public static async Task<BuildRig> Sandboxed(BuildpackRegistry? buildpacks = null, Func<BuildOptions, BuildOptions>? options = null)
    {
        var temp = new TempDirectory();
        var (launcher, report) = await SandboxLauncher.TryCreateAsync(new SandboxLauncherOptions { RecordsDirectory = temp["records"], ScratchDirectory = temp["scratch"], UseNetworks = false });
        Assert.True(launcher is not null, report.ToString());
        return new BuildRig(temp, launcher, buildpacks, options);
    }

    /// <summary>What a build of this machine needs to reach a package registry.</summary>
    public static ImmutableSortedDictionary<string, string> Machine()
    {
        var environment = ImmutableSortedDictionary<string, string>.Empty;
        foreach (var name in (string[])["NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "NPM_CONFIG_REGISTRY", "npm_config_registry", "NUGET_CERT_REVOCATION_MODE"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment = environment.Add(name, value);
            }
        }

        return environment;
    }

    public Task<BuildResult> BuildAsync(
        TarBuilder source, ConfigVars? config = null, string? commit = null, BuildSettings? settings = null, CancellationToken cancellationToken = default) =>
        BuildAsync(source, new BuildOutput(Add), config, commit, settings, cancellationToken);

    /// <summary>Builds, and speaks elsewhere.</summary>
    public async Task<BuildResult> BuildAsync(
        TarBuilder source, BuildOutput output, ConfigVars? config = null, string? commit = null, BuildSettings? settings = null, CancellationToken cancellationToken = default)
    {
        var request = new BuildRequest
        {
            App = App,
            AppName = AppName.Parse("test-app"),
            UserId = UserId,
            Source = source.Gzip(),
            Commit = commit,
            ConfigVars = config ?? ConfigVars.Empty,
            Settings = settings ?? Settings,
        };
        return await Builder.BuildAsync(request, output, cancellationToken);
    }

    /// <summary>Builds anew. A test whose second build found the slug of the first would show nothing, so it fails.</summary>
    public async Task<BuildSucceeded> SucceedAsync(TarBuilder source, ConfigVars? config = null, BuildSettings? settings = null)
    {
        var result = await BuildAsync(source, config, settings: settings);
        return result is BuildSucceeded { IsReused: false } built ? built : throw new Xunit.Sdk.XunitException($"{result}\n{Output}");
    }

    /// <summary>Finds the slug of the last build.</summary>
    public async Task<BuildSucceeded> ReuseAsync(TarBuilder source)
    {
        var result = await BuildAsync(source);
        return result is BuildSucceeded { IsReused: true } built ? built : throw new Xunit.Sdk.XunitException($"{result}\n{Output}");
    }

    /// <summary>Unpacks a slug, to look into it.</summary>
    public async Task<string> UnpackAsync(Slug slug)
    {
        var directory = Temp[$"unpacked-{Guid.NewGuid():N}"];
        await new SlugUnpacker(Store).UnpackAsync(slug.Id, directory);
        return directory;
    }

    /// <summary>Nothing of any build is left.</summary>
    public void AssertNothingLeft()
    {
        Assert.True(!Directory.Exists(Temp["builds"]) || !Directory.EnumerateFileSystemEntries(Temp["builds"]).Any());
        Assert.Empty(ProcessesOf(Temp["builds"]));
    }

    public static List<int> ProcessesOf(string directory)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                var said = File.ReadAllText(Path.Combine(process, "environ")) + File.ReadAllText(Path.Combine(process, "cmdline")) + new FileInfo(Path.Combine(process, "cwd")).LinkTarget;
                if (said.Contains(directory, StringComparison.Ordinal) && !IsZombie(process))
                {
                    found.Add(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is not ours to look at.
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _owned.DisposeAsync();
        Temp.Dispose();
    }

    private SlugBuilder Make(IProcessLauncher launcher, BuildpackRegistry? buildpacks, Func<BuildOptions, BuildOptions>? options, TimeProvider? time, IBuildpackSource? foreign)
    {
        var chosen = new BuildOptions { BuildsDirectory = Temp["builds"], CachesDirectory = Temp["caches"], Environment = Machine() };
        return new SlugBuilder(options?.Invoke(chosen) ?? chosen, launcher, Store, buildpacks, foreign, time);
    }

    private static bool IsZombie(string process) => File.ReadAllText(Path.Combine(process, "stat")).Contains(") Z ", StringComparison.Ordinal);

    private void Add(ReadOnlyMemory<byte> line)
    {
        lock (_lines)
        {
            _lines.Add(Encoding.UTF8.GetString(line.Span));
        }
    }
}
