using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Where a build of Go gets the app's dependencies from.</summary>
internal enum GoDependencies
{
    /// <summary>From a module proxy, or where the app's variables say.</summary>
    Modules,

    /// <summary>From the app's vendor directory.</summary>
    Vendor,

    /// <summary>From the sources that the system's packages install; these have no versions.</summary>
    System,
}

/// <summary>How commands of Go run in one build: their variables, their directory, and the flags that all have.</summary>
internal sealed class GoWorkspace(BuildContext context, GoMod module, GoToolchain go, CancellationToken cancellationToken)
{
    /// <summary>Where Debian's golang-*-dev packages put their sources.</summary>
    private const string SystemSources = "/usr/share/gocode";

    /// <summary>A build decides these itself.</summary>
    private static readonly string[] Own =
        ["GOPATH", "GOROOT", "GOBIN", "GOCACHE", "GOMODCACHE", "GOTOOLCHAIN", "GOENV", "GO111MODULE", "GOOS", "GOARCH", "GOWORK", "GOFLAGS"];

    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    /// <summary>Where the dependencies come from.</summary>
    public GoDependencies Dependencies { get; } =
        context.Tree.HasFile("vendor/modules.txt") ? GoDependencies.Vendor
        : context.Packages.Offline && !module.Requirements.IsEmpty ? GoDependencies.System
        : GoDependencies.Modules;

    /// <summary>The variables, also for the app's scripts.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>The flags of a build, as Heroku has them.</summary>
    public ImmutableArray<string> Flags { get; private set; } = ["-tags", "heroku"];

    private string Path => $"{context.Environment["TMPDIR"]}/gopath";

    /// <summary>Prepares.</summary>
    /// <returns>What went wrong, or null.</returns>
    public async ValueTask<string?> PrepareAsync()
    {
        var cache = $"{context.CacheDirectory}/go";
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal) { ["GOPROXY"] = Proxy() };
        foreach (var (name, value) in CommandEnvironment.Of(context, defaults, Own))
        {
            _environment[name] = value;
        }

        if (context.Packages.Offline)
        {
            _environment["GOPROXY"] = "off";
        }

        _environment["PATH"] = $"{System.IO.Path.GetDirectoryName(go.Path)}:{context.Environment["PATH"]}";
        _environment["GOBIN"] = $"{context.AppPath}/bin";
        _environment["GOCACHE"] = $"{cache}/build";
        _environment["GOMODCACHE"] = $"{cache}/modules";
        _environment["GOPATH"] = $"{cache}/path";

        // Another Go than the machine's own is never fetched.
        _environment["GOTOOLCHAIN"] = "local";
        var flags = context.ConfigVars.TryGetValue("GOFLAGS", out var own) ? own : string.Empty;
        if (Dependencies == GoDependencies.System)
        {
            _environment["GOFLAGS"] = flags;
            return await LinkAsync().ConfigureAwait(false);
        }

        // The cache of modules can then be removed like any other directory.
        _environment["GOFLAGS"] = $"-modcacherw {flags}".TrimEnd();
        if (Dependencies == GoDependencies.Vendor)
        {
            Flags = Flags.Add("-mod=vendor");
        }

        return null;
    }

    /// <summary>Adds a value that the linker sets, if the app wants one: a variable gets the commit, or another value.</summary>
    public void AddLinkerSymbol()
    {
        var value = context.ConfigVars.TryGetValue("GO_LINKER_VALUE", out var own) ? own : context.Commit;
        if (context.ConfigVars.TryGetValue("GO_LINKER_SYMBOL", out var symbol) && symbol.Length > 0 && !string.IsNullOrEmpty(value))
        {
            Flags = Flags.AddRange("-ldflags", $"-X {symbol}={value}");
        }
    }

    /// <summary>A command of Go, to be run in the app's directory.</summary>
    public ImmutableArray<string> Command(params ImmutableArray<string> arguments) =>
        Dependencies == GoDependencies.System
            ? ["bash", "-c", "cd -- \"$1\" && shift && exec \"$@\"", "go", $"{Path}/src/{module.Module}", go.Path, .. arguments]
            : [go.Path, .. arguments];

    private string Proxy() => context.Packages.GoProxy is { } mirror ? mirror.AbsoluteUri.TrimEnd('/') : "https://proxy.golang.org,direct";

    /// <summary>
    /// The system's sources have no versions, and no module's checksum holds for them: they are used as Debian uses them, by the rules from
    /// before modules, for which the app has to stand below its module's name.
    /// </summary>
    private async ValueTask<string?> LinkAsync()
    {
        _environment["GO111MODULE"] = "off";
        _environment["GOPATH"] = $"{Path}:{SystemSources}";
        foreach (var (name, directory) in module.Local.Prepend((module.Module, ".")))
        {
            var exit = await context.RunAsync(
                ["bash", "-c", "mkdir -p -- \"$(dirname -- \"$1\")\" && ln -s -- \"$(realpath -- \"$2\")\" \"$1\"", "link", $"{Path}/src/{name}", directory], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (!exit.Succeeded)
            {
                return $"The module {TreeName.Shown(name)} could not be put beside the system's sources (status {exit.Status}); why stands above.";
            }
        }

        return null;
    }
}
