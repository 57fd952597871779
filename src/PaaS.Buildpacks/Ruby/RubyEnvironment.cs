using System.Text;

namespace PaaS.Buildpacks;

/// <summary>The variables of Ruby builds and of the dynos that come of them.</summary>
internal static class RubyEnvironment
{
    private const string Rails = "production";

    /// <summary>Whether gems go into the app. The system's are not found any more where they do; offline that is wanted only for what the app vendors.</summary>
    public static bool IsVendored(BuildContext context) => !context.Packages.Offline || context.Tree.HasDirectory("vendor/cache");

    /// <summary>What commands get.</summary>
    /// <param name="context">The build.</param>
    /// <param name="bundler">The version of Bundler that is there.</param>
    public static Dictionary<string, string> Of(BuildContext context, string bundler)
    {
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BUNDLE_WITHOUT"] = "development:test",
            ["BUNDLE_JOBS"] = "4",
            ["BUNDLE_DISABLE_VERSION_CHECK"] = "true",
            ["NOKOGIRI_USE_SYSTEM_LIBRARIES"] = "true",
            ["RACK_ENV"] = Rails,
            ["RAILS_ENV"] = Rails,
            ["DISABLE_SPRING"] = "1",

            // Else Bundler fetches the version that wrote the lock file.
            ["BUNDLER_VERSION"] = bundler,
        };
        if (IsVendored(context))
        {
            defaults["BUNDLE_PATH"] = "vendor/bundle";
            defaults["BUNDLE_BIN"] = "vendor/bundle/bin";
            defaults["BUNDLE_DEPLOYMENT"] = "1";
            defaults["BUNDLE_GLOBAL_PATH_APPENDS_RUBY_SCOPE"] = "1";
        }
        else
        {
            defaults["BUNDLE_FROZEN"] = "1";

            // Bundler wants a directory to install to even if there is nothing to install, and the system's is closed.
            defaults["GEM_HOME"] = Path.Combine(context.Environment["HOME"], "gems");
        }

        if (context.Packages is { Offline: false, RubyGems: { } mirror })
        {
            // Bundler takes a mirror from a file or from a variable whose name no shell would pass on.
            TreeFile.Write(context.CacheDirectory, "bundler/config", Encoding.UTF8.GetBytes($"---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"{mirror.AbsoluteUri}\"\n"), executable: false, context.UserId);
            defaults["BUNDLE_USER_CONFIG"] = Path.Combine(context.CacheDirectory, "bundler", "config");
        }

        return CommandEnvironment.Of(context, defaults);
    }

    /// <summary>The script that a dyno sources when it starts.</summary>
    /// <param name="vendored">Whether the gems are in the app.</param>
    /// <param name="abi">Ruby's name for versions that share gems, such as <c>3.1.0</c>.</param>
    /// <param name="rails">Whether it is a Rails app.</param>
    /// <param name="secret">The secret for one that has none of its own.</param>
    public static string Profile(bool vendored, string abi, bool rails, string? secret)
    {
        var text = new StringBuilder();
        Default("LANG", "C.UTF-8");
        Default("RACK_ENV", Rails);
        Default("MALLOC_ARENA_MAX", "2");
        Default("BUNDLE_WITHOUT", "development:test");
        if (rails)
        {
            Default("RAILS_ENV", Rails);
            Default("RAILS_SERVE_STATIC_FILES", "enabled");
            Default("RAILS_LOG_TO_STDOUT", "enabled");
            Default("DISABLE_SPRING", "1");
            if (secret is not null)
            {
                Default(SecretKeyBase.Name, secret);
            }
        }

        if (vendored)
        {
            Default("BUNDLE_PATH", "vendor/bundle");
            Default("BUNDLE_BIN", "vendor/bundle/bin");
            Default("BUNDLE_DEPLOYMENT", "1");
            Default("BUNDLE_GLOBAL_PATH_APPENDS_RUBY_SCOPE", "1");

            // A colon at the end keeps the system's gems: Bundler is one of them.
            _ = text.Append("export GEM_PATH=\"$HOME/vendor/bundle/ruby/").Append(abi).Append(":${GEM_PATH:-}\"\n")
                .Append("export PATH=\"$HOME/bin:$HOME/vendor/bundle/bin:$PATH\"\n");
        }
        else
        {
            Default("BUNDLE_FROZEN", "1");
            _ = text.Append("export PATH=\"$HOME/bin:$PATH\"\n");
        }

        return text.ToString();

        void Default(string name, string value) => text.Append("export ").Append(name).Append("=\"${").Append(name).Append(":-").Append(value).Append("}\"\n");
    }
}
