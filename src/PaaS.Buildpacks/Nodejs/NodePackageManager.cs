using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>How one package manager is called. Which one is the lock file's to say.</summary>
internal sealed partial record NodePackageManager
{
    private const int MaxHeadBytes = 64 << 20;
    private const int MaxSettingsBytes = 1 << 20;

    /// <summary>Its name: npm, yarn or pnpm.</summary>
    public required string Name { get; init; }

    /// <summary>Its lock file; null if the app has none.</summary>
    public string? LockFile { get; init; }

    /// <summary>The program, and what always goes before its arguments.</summary>
    public required ImmutableArray<string> Program { get; init; }

    /// <summary>Installs all dependencies, those for development too.</summary>
    public required ImmutableArray<string> Install { get; init; }

    /// <summary>Removes what is for development only; empty if it has no way to.</summary>
    public ImmutableArray<string> Prune { get; init; } = [];

    /// <summary>Goes behind the arguments of every call.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>Variables of its own.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The range that the app asks of it, if any.</summary>
    public string? Wanted { get; init; }

    /// <summary>Whether it is Yarn 2 or later.</summary>
    public bool IsBerry { get; init; }

    /// <summary>Chooses by the lock file.</summary>
    /// <returns>Null, with a problem, if the app has several.</returns>
    public static NodePackageManager? Choose(BuildContext context, PackageJson package, out string? problem)
    {
        var tree = context.Tree;
        var npmLock = tree.HasFile("npm-shrinkwrap.json") ? "npm-shrinkwrap.json" : tree.HasFile("package-lock.json") ? "package-lock.json" : null;
        var yarnLock = tree.HasFile("yarn.lock") ? "yarn.lock" : null;
        var pnpmLock = tree.HasFile("pnpm-lock.yaml") ? "pnpm-lock.yaml" : null;
        string[] found = [.. ((string?[])[npmLock, yarnLock, pnpmLock]).OfType<string>()];
        if (found.Length > 1)
        {
            problem = $"The app has lock files of several package managers: {string.Join(", ", found)}. Keep the one you use, and remove the others with 'git rm'.";
            return null;
        }

        problem = null;
        return yarnLock is not null ? Yarn(context, package) : pnpmLock is not null ? Pnpm(context, package) : Npm(context, package, npmLock);
    }

    private static NodePackageManager Npm(BuildContext context, PackageJson package, string? lockFile) => new()
    {
        Name = "npm",
        LockFile = lockFile,
        Program = ["npm"],
        Install = [lockFile is null ? "install" : "ci", "--include=dev", "--no-progress"],
        Prune = ["prune", "--omit=dev", "--no-progress"],
        Options = ["--cache", Path.Combine(context.CacheDirectory, "npm")],
        Wanted = package.Npm,
    };

    private static NodePackageManager Pnpm(BuildContext context, PackageJson package) => new()
    {
        Name = "pnpm",
        LockFile = "pnpm-lock.yaml",
        Program = ["pnpm"],
        Install = ["install", "--prod=false", "--frozen-lockfile"],
        Prune = ["prune", "--prod"],

        // A hard link would let a build change what the store keeps.
        Environment = Variables(
            ("CI", "true"),
            ("NPM_CONFIG_STORE_DIR", Path.Combine(context.CacheDirectory, "pnpm")),
            ("NPM_CONFIG_CACHE_DIR", Path.Combine(context.CacheDirectory, "pnpm-metadata")),
            ("NPM_CONFIG_PACKAGE_IMPORT_METHOD", "clone-or-copy")),
        Wanted = package.Pnpm,
    };

    private static NodePackageManager Yarn(BuildContext context, PackageJson package)
    {
        var settings = ReadHead(context, ".yarnrc.yml", MaxSettingsBytes);
        var isBerry = ReadHead(context, "yarn.lock", MaxHeadBytes).Contains("\n__metadata:", StringComparison.Ordinal);
        var own = Setting(settings, "yarnPath") is { } path && !path.StartsWith('/') && !path.StartsWith('-') && context.Tree.HasFile(path) ? path : null;
        var cache = Path.Combine(context.CacheDirectory, "yarn");
        var yarn = new NodePackageManager { Name = "yarn", LockFile = "yarn.lock", Program = own is null ? ["yarn"] : ["node", own], Install = [], Wanted = package.Yarn };
        return isBerry
            ? yarn with
            {
                IsBerry = true,
                Install = ["install", "--immutable"],
                Prune = ["workspaces", "focus", "--all", "--production"],

                // Plug'n'Play loads packages from the cache when the app runs: there it has to be in the app.
                Environment = Setting(settings, "nodeLinker") is "node-modules" or "pnpm"
                    ? Variables(("YARN_GLOBAL_FOLDER", cache), ("YARN_ENABLE_GLOBAL_CACHE", "true"), ("YARN_ENABLE_TELEMETRY", "false"))
                    : Variables(("YARN_ENABLE_GLOBAL_CACHE", "false"), ("YARN_ENABLE_TELEMETRY", "false")),
            }
            : yarn with
            {
                Install = ["install", "--frozen-lockfile", "--ignore-engines", "--production=false", "--non-interactive"],
                Prune = ["install", "--frozen-lockfile", "--ignore-engines", "--production", "--ignore-scripts", "--prefer-offline", "--non-interactive"],
                Environment = Variables(("YARN_CACHE_FOLDER", cache)),
            };
    }

    private static ImmutableSortedDictionary<string, string> Variables(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            builder[name] = value;
        }

        return builder.ToImmutable();
    }

    private static string ReadHead(BuildContext context, string path, int maxBytes)
    {
        try
        {
            return "\n" + context.Tree.ReadText(path, maxBytes);
        }
        catch (InvalidDataException)
        {
            return string.Empty;
        }
    }

    /// <summary>A setting of .yarnrc.yml's top level; Yarn writes each on one line.</summary>
    private static string? Setting(string settings, string name) =>
        YarnSetting().Matches(settings).Where(m => m.Groups[1].Value == name).Select(static m => m.Groups[2].Value.Trim().Trim('"', '\'')).FirstOrDefault();

    [GeneratedRegex(@"^([A-Za-z]+):[ \t]*(\S[^\r\n#]*)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex YarnSetting();
}
