namespace PaaS.Buildpacks;

/// <summary>The settings of the platform's operator, as Leiningen's profile of the user.</summary>
internal static class LeiningenProfiles
{
    /// <summary>The text of init.clj, which Leiningen runs first, or null: it takes no mirror without TLS until it is told how.</summary>
    public static string? Init(MavenIndex index) =>
        new[] { index.Central, index.Clojars }.Any(static a => a?.StartsWith("http:", StringComparison.Ordinal) == true)
            ? """
              (require 'cemerick.pomegranate.aether)
              (cemerick.pomegranate.aether/register-wagon-factory! "http" #(org.apache.maven.wagon.providers.http.HttpWagon.))

              """
            : null;

    /// <summary>The text of profiles.clj.</summary>
    public static string Text(MavenIndex index)
    {
        // The machine's repository stands for every other one, and has no checksums.
        var mirrors = index.IsSystem
            ? [Mirror("#\".*\"", "paas-system", index.Central!, " :checksum :ignore :update :never")]
            : (string?[])
            [
                index.Central is { } central ? Mirror("\"central\"", "paas-central", central) : null,
                index.Clojars is { } clojars ? Mirror("\"clojars\"", "paas-clojars", clojars) : null,
            ];
        var all = string.Join("\n                  ", mirrors.OfType<string>());
        return all.Length == 0 ? "{}\n" : "{:user {" + (index.IsSystem ? ":checksum :ignore\n        " : string.Empty) + ":mirrors {" + all + "}}}\n";
    }

    private static string Mirror(string of, string name, string address, string more = "") =>
        $$"""{{of}} {:name "{{name}}" :url "{{address.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}}" :repo-manager true{{more}}}""";
}
