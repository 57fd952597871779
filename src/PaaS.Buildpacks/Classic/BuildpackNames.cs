namespace PaaS.Buildpacks;

/// <summary>What names of buildpacks stand for, and how they are shown.</summary>
internal static class BuildpackNames
{
    /// <summary>The repository of a name: <c>org/name</c> is <c>heroku-buildpack-name</c> of that organisation on GitHub.</summary>
    public static string Repository(string name)
    {
        var parts = name.Split('/');

        // Heroku's buildpacks that are not its own products have this name, and the same home.
        var organisation = parts[0] == "heroku-community" ? "heroku" : parts[0];
        var buildpack = (organisation, parts[1]) == ("heroku", "jvm") ? "jvm-common" : parts[1];
        return $"https://github.com/{organisation}/heroku-buildpack-{buildpack}.git";
    }

    /// <summary>A name for people until the buildpack gives one itself: the last part, without what all have in common.</summary>
    public static string Display(BuildpackReference reference)
    {
        var path = reference.Location.Split('?')[0].TrimEnd('/');
        var name = path[(path.LastIndexOf('/') + 1)..];
        foreach (var end in (string[])[".git", ".tgz", ".tar.gz"])
        {
            name = name.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? name[..^end.Length] : name;
        }

        const string Common = "heroku-buildpack-";
        name = name.StartsWith(Common, StringComparison.Ordinal) ? name[Common.Length..] : name;
        return name.Length > 0 ? TreeName.Shown(name) : "buildpack";
    }
}
