using System.Collections.Immutable;
using System.Text;
using PaaS.Runtime;

namespace PaaS.Buildpacks.Tests;

/// <summary>A builder with a real launcher, in directories of its own. As root, builds run as a user of the app's.</summary>
internal sealed class BuildRig : IAsyncDisposable
{
    public const int AppUser = 34567;
    private readonly PlainLauncher _launcher;
    private readonly List<string> _lines = [];

    public BuildRig(BuildpackRegistry? buildpacks = null, Func<BuildOptions, BuildOptions>? options = null, TimeProvider? time = null)
    {
        _launcher = new PlainLauncher(Temp["records"]);
        var chosen = new BuildOptions { BuildsDirectory = Temp["builds"], CachesDirectory = Temp["caches"], Environment = Machine() };
        Builder = new SlugBuilder(options?.Invoke(chosen) ?? chosen, _launcher, Store, buildpacks, time);
    }

    public TempDirectory Temp { get; } = new();

    public InMemorySlugStore Store { get; } = new();

    public SlugBuilder Builder { get; }

    public AppId App { get; } = AppId.New();

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

    /// <summary>What a build of this machine needs to reach a package registry.</summary>
    public static ImmutableSortedDictionary<string, string> Machine()
    {
        var environment = ImmutableSortedDictionary<string, string>.Empty;
        foreach (var name in (string[])["NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "NPM_CONFIG_REGISTRY", "npm_config_registry"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment = environment.Add(name, value);
            }
        }

        return environment;
    }

    public async Task<BuildResult> BuildAsync(TarBuilder source, ConfigVars? config = null, string? commit = null, CancellationToken cancellationToken = default)
    {
        var request = new BuildRequest
        {
            App = App,
            AppName = AppName.Parse("test-app"),
            UserId = UserId,
            Source = source.Gzip(),
            Commit = commit,
            ConfigVars = config ?? ConfigVars.Empty,
        };
        return await Builder.BuildAsync(request, new BuildOutput(Add), cancellationToken);
    }

    public async Task<BuildSucceeded> SucceedAsync(TarBuilder source, ConfigVars? config = null)
    {
        var result = await BuildAsync(source, config);
        return result as BuildSucceeded ?? throw new Xunit.Sdk.XunitException($"{result}\n{Output}");
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
        await _launcher.DisposeAsync();
        Temp.Dispose();
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
