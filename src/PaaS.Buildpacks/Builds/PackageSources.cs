namespace PaaS.Buildpacks;

/// <summary>
/// Where builds get an app's dependencies. By default each package manager asks its own public index, as on Heroku. What an operator sets
/// here acts on every build; an app's own files still come before it where the package manager lets them.
/// </summary>
public sealed record PackageSources
{
    /// <summary>Every package manager asks its own index.</summary>
    public static PackageSources Default { get; } = new();

    /// <summary>
    /// Whether builds use what is installed on the machine instead of any index: the system's gems, Python modules, Maven repository, Go
    /// sources and PHP libraries, and what an app vendors. npm and NuGet have no such packages; they go on asking theirs.
    /// </summary>
    public bool Offline { get; init; }

    /// <summary>A mirror of https://rubygems.org.</summary>
    public Uri? RubyGems { get; init; }

    /// <summary>A mirror of https://pypi.org/simple.</summary>
    public Uri? PyPi { get; init; }

    /// <summary>A mirror of https://repo.maven.apache.org/maven2, for Maven, Gradle, sbt and Leiningen.</summary>
    public Uri? Maven { get; init; }

    /// <summary>A mirror of https://repo.clojars.org.</summary>
    public Uri? Clojars { get; init; }

    /// <summary>A module proxy instead of https://proxy.golang.org.</summary>
    public Uri? GoProxy { get; init; }

    /// <summary>A mirror of https://repo.packagist.org.</summary>
    public Uri? Packagist { get; init; }

    /// <summary>A mirror of https://registry.npmjs.org.</summary>
    public Uri? Npm { get; init; }

    /// <summary>A mirror of https://api.nuget.org/v3/index.json.</summary>
    public Uri? NuGet { get; init; }
}
