namespace PaaS.Buildpacks;

/// <summary>The variables that npm and the app's scripts get in a build.</summary>
internal static class NodejsEnvironment
{
    /// <summary>Heroku's defaults; a config var of the same name wins. npm reads its own names in any case.</summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["NODE_ENV"] = "production",
        ["NPM_CONFIG_LOGLEVEL"] = "error",
        ["NPM_CONFIG_FUND"] = "false",
        ["NPM_CONFIG_AUDIT"] = "false",
        ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false",
    };

    public static Dictionary<string, string> Of(BuildContext context) =>
        CommandEnvironment.Of(context, Defaults, ["LANG", "BUILD_DIR"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Why dev dependencies stay, or null if they are to be removed (Heroku's rules).</summary>
    public static string? WhyNotPruned(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue("NODE_ENV", out var mode) && mode != "production" ? "NODE_ENV is not 'production'"
        : environment.TryGetValue("NPM_CONFIG_PRODUCTION", out var production) && production == "false" ? "NPM_CONFIG_PRODUCTION is 'false'"
        : null;
}
