using System.Text.Json.Nodes;

namespace PaaS.Buildpacks;

/// <summary>The variables of PHP builds and of the dynos that come of them.</summary>
internal static class PhpEnvironment
{
    private const string HomeDirectory = "composer/home";

    /// <summary>What commands get.</summary>
    public static Dictionary<string, string> Of(BuildContext context)
    {
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["COMPOSER_HOME"] = Path.Combine(context.CacheDirectory, HomeDirectory),
            ["COMPOSER_CACHE_DIR"] = Path.Combine(context.CacheDirectory, "composer", "cache"),
            ["COMPOSER_NO_INTERACTION"] = "1",
            ["COMPOSER_PROCESS_TIMEOUT"] = "0",

            // Packages of the app's own tree are copied: a link would point to where the build was.
            ["COMPOSER_MIRROR_PATH_REPOS"] = "1",

            // Builds run as the app's user; where the host has no users to give, Composer must not ask.
            ["COMPOSER_ALLOW_SUPERUSER"] = "1",
        };
        if (context.Packages.Offline)
        {
            defaults["COMPOSER_DISABLE_NETWORK"] = "1";
        }

        if (context.ConfigVars.TryGetValue("COMPOSER_GITHUB_OAUTH_TOKEN", out var token))
        {
            defaults["COMPOSER_AUTH"] = new JsonObject { ["github-oauth"] = new JsonObject { ["github.com"] = token } }.ToJsonString();
        }

        TreeFile.Write(context.CacheDirectory, $"{HomeDirectory}/config.json", System.Text.Encoding.UTF8.GetBytes(Configuration(context.Packages.Packagist)), executable: false, context.UserId);
        return CommandEnvironment.Of(context, defaults);
    }

    /// <summary>The script that a dyno sources when it starts.</summary>
    /// <param name="binDirectory">Where Composer puts programs.</param>
    public static string Profile(SourcePath binDirectory) => $"export PATH=\"$HOME/.heroku/php/bin:$HOME\"/{ShellWord.Of(binDirectory.ToString())}\":$PATH\"\n";

    /// <summary>Composer's own configuration; the app's comes before it.</summary>
    private static string Configuration(Uri? mirror) => mirror is null ? "{}" : new JsonObject
    {
        ["repositories"] = new JsonObject { ["packagist.org"] = new JsonObject { ["type"] = "composer", ["url"] = mirror.AbsoluteUri } },
        ["config"] = new JsonObject { ["secure-http"] = mirror.Scheme == Uri.UriSchemeHttps },
    }.ToJsonString();
}
