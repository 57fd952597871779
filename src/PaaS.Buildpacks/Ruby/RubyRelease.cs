namespace PaaS.Buildpacks;

/// <summary>What a Ruby app runs unless its Procfile says otherwise: Heroku's kinds of Ruby app, told apart by their gems.</summary>
internal static class RubyRelease
{
    /// <summary>Whether it is an app of Rails 3 or later.</summary>
    public static bool IsRails(GemfileLock locked) => locked.Major("railties") >= 3;

    /// <summary>The default process types.</summary>
    /// <param name="locked">The app's gems.</param>
    /// <param name="hasRackup">Whether there is a config.ru.</param>
    public static Dictionary<string, string> ProcessTypes(GemfileLock locked, bool hasRackup)
    {
        var types = new Dictionary<string, string> { ["rake"] = "bundle exec rake", ["console"] = "bundle exec irb" };
        var hasThin = locked.Has("thin");
        switch (locked.Major("railties"))
        {
            case >= 4:
                types["web"] = "bin/rails server -p ${PORT:-5000} -e $RAILS_ENV";
                types["console"] = "bin/rails console";
                break;
            case 3:
                types["web"] = hasThin ? "bundle exec thin start -e $RAILS_ENV -p ${PORT:-5000}" : "bundle exec rails server -p ${PORT:-5000}";
                types["console"] = "bundle exec rails console";
                break;
            default:
                // Heroku looks at the gem alone; without a config.ru neither server starts.
                if (hasRackup && locked.Has("rack"))
                {
                    types["web"] = hasThin ? "bundle exec thin start -R config.ru -e $RACK_ENV -p ${PORT:-5000}" : "bundle exec rackup config.ru -p ${PORT:-5000}";
                }

                break;
        }

        return types;
    }
}
