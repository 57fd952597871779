namespace PaaS.Buildpacks;

/// <summary>Where the JVM's build tools get artifacts, if not from the public repositories.</summary>
/// <param name="Central">Instead of Maven Central; null for Central itself.</param>
/// <param name="Clojars">Instead of Clojars; null for Clojars itself.</param>
/// <param name="IsSystem">Whether it is the machine's own repository, which stands for every other one and has no checksums.</param>
internal sealed record MavenIndex(string? Central, string? Clojars, bool IsSystem)
{
    /// <summary>Where Debian's packages put their artifacts.</summary>
    public const string SystemRepository = "/usr/share/maven-repo";

    /// <summary>As the operator has set it.</summary>
    public static MavenIndex Of(PackageSources packages) =>
        packages.Offline
            ? new MavenIndex($"file://{SystemRepository}", $"file://{SystemRepository}", true)
            : new MavenIndex(packages.Maven?.AbsoluteUri.TrimEnd('/'), packages.Clojars?.AbsoluteUri.TrimEnd('/'), false);
}
