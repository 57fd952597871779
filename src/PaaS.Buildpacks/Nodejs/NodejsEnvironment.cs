namespace PaaS.Buildpacks;

/// <summary>The variables that package managers and the app's scripts get in a build, and what the app's dynos get.</summary>
internal static class NodejsEnvironment
{
    /// <summary>Sourced when a dyno starts. WEB_CONCURRENCY is what Heroku's buildpack makes it: one process per 512 MB (<c>WEB_MEMORY</c>) of the dyno.</summary>
    public const string Profile = """
        export NODE_ENV="${NODE_ENV:-production}"
        export PATH="$PATH:$HOME/bin:$HOME/node_modules/.bin"
        export WEB_MEMORY="${WEB_MEMORY:-512}"
        if [ -z "${WEB_CONCURRENCY:-}" ] && [[ $WEB_MEMORY =~ ^[1-9][0-9]{0,7}$ && ${MEMORY_AVAILABLE:-512} =~ ^[1-9][0-9]{0,7}$ ]]; then
          WEB_CONCURRENCY=$((${MEMORY_AVAILABLE:-512} / WEB_MEMORY))
          if [ "$WEB_CONCURRENCY" -lt 1 ] || [ "$WEB_CONCURRENCY" -gt 200 ]; then WEB_CONCURRENCY=1; fi
          export WEB_CONCURRENCY
        fi

        """;

    /// <summary>Heroku's defaults; a config var of the same name wins. npm reads its own names in any case.</summary>
    private static readonly Dictionary<string, string> s_defaults = new(StringComparer.Ordinal)
    {
        ["NODE_ENV"] = "production",
        ["NPM_CONFIG_LOGLEVEL"] = "error",
        ["NPM_CONFIG_FUND"] = "false",
        ["NPM_CONFIG_AUDIT"] = "false",
        ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false",

        // Yarn and pnpm are the machine's, or lie in the app; none brings another version of itself.
        ["COREPACK_ENABLE_NETWORK"] = "0",
        ["NPM_CONFIG_MANAGE_PACKAGE_MANAGER_VERSIONS"] = "false",
    };

    public static Dictionary<string, string> Of(BuildContext context)
    {
        var defaults = new Dictionary<string, string>(s_defaults, StringComparer.Ordinal);
        if (context.Packages.Npm is { } mirror)
        {
            defaults["NPM_CONFIG_REGISTRY"] = defaults["YARN_NPM_REGISTRY_SERVER"] = mirror.AbsoluteUri;
        }

        return CommandEnvironment.Of(context, defaults, ["LANG", "BUILD_DIR"], StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Why dev dependencies stay, or null if they are to be removed (Heroku's rules).</summary>
    public static string? WhyNotPruned(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue("NODE_ENV", out var mode) && mode != "production" ? "NODE_ENV is not 'production'"
        : Says(environment, "NPM_CONFIG_PRODUCTION", "false") ? "NPM_CONFIG_PRODUCTION is 'false'"
        : Says(environment, "YARN_PRODUCTION", "false") ? "YARN_PRODUCTION is 'false'"
        : Says(environment, "PNPM_SKIP_PRUNING", "true") ? "PNPM_SKIP_PRUNING is 'true'"
        : null;

    /// <summary>Whether an app lets its modules be kept between builds (Heroku: <c>NODE_MODULES_CACHE</c>).</summary>
    public static bool IsCached(IReadOnlyDictionary<string, string> environment) => !Says(environment, "NODE_MODULES_CACHE", "false");

    private static bool Says(IReadOnlyDictionary<string, string> environment, string name, string value) =>
        environment.TryGetValue(name, out var said) && string.Equals(said, value, StringComparison.OrdinalIgnoreCase);
}
