using System.Collections.Immutable;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>What every build of the JVM begins with: a JDK for the version that the app asks for, and its commands' variables.</summary>
/// <param name="Home">The JDK's directory, as commands find it.</param>
/// <param name="Environment">The variables: the app's config vars but Java's own, <c>JAVA_HOME</c>, and the JDK first on <c>PATH</c>.</param>
internal sealed record JvmTools(string Home, Dictionary<string, string> Environment)
{
    /// <summary>Config vars that are meant for the app, not for the programs that build it.</summary>
    private static readonly string[] Kept = ["JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JAVA_HOME"];

    /// <summary>For the buildpacks after this one.</summary>
    public ImmutableSortedDictionary<string, string> Exports =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("JAVA_HOME", Home), KeyValuePair.Create("PATH", Environment["PATH"])]);

    /// <summary>Chooses the JDK, says so, and writes what the app needs in its dynos.</summary>
    /// <param name="context">The build.</param>
    /// <param name="defaults">The buildpack's variables, for names that neither the app nor the operator sets.</param>
    /// <param name="alsoKept">More names of config vars that commands don't see.</param>
    /// <returns>The tools, or why there are none.</returns>
    /// <exception cref="InvalidDataException">system.properties is too large.</exception>
    public static (JvmTools? Tools, string? Problem) Prepare(BuildContext context, IEnumerable<KeyValuePair<string, string>>? defaults = null, params string[] alsoKept)
    {
        var problem = Choose(context, Jdk.List(context.Environment), out var home);
        if (problem is not null)
        {
            return (null, problem);
        }

        context.WriteFile(JvmProfile.JavaPath, JvmProfile.Java(home is null ? "$HOME/.jdk" : home));
        context.WriteFile(JvmProfile.JdbcPath, JvmProfile.Jdbc);
        home ??= Path.Combine(context.AppPath, ".jdk");
        var environment = CommandEnvironment.Of(context, defaults ?? [], [.. Kept, .. alsoKept]);
        environment["JAVA_HOME"] = home;
        environment["PATH"] = $"{home}/bin:{context.Environment["PATH"]}";
        return (new JvmTools(home, environment), null);
    }

    /// <summary>Writes a file for the build's commands alone, into the build's own home.</summary>
    /// <returns>Its path, as commands find it.</returns>
    public static string WriteHomeFile(BuildContext context, string path, string text)
    {
        var home = context.Environment["HOME"];
        TreeFile.Write(home, path, Encoding.UTF8.GetBytes(text), executable: false, context.UserId);
        return Path.Combine(home, path);
    }

    /// <summary>Options that keep a tool's JVM within the build's own directories; Java asks neither HOME nor TMPDIR.</summary>
    /// <param name="context">The build.</param>
    /// <param name="home">The directory that is a user's home for it.</param>
    public static string Directories(BuildContext context, string? home = null) => $"-Duser.home={home ?? context.Environment["HOME"]} -Djava.io.tmpdir={context.Environment["TMPDIR"]}";

    /// <summary>The value of a variable; the fallback if it is not set, or blank.</summary>
    public string Variable(string name, string fallback = "") => Environment.GetValueOrDefault(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : fallback;

    /// <summary>The words of a variable.</summary>
    public ImmutableArray<string> Words(string name, string fallback = "") => Split(Variable(name, fallback));

    /// <summary>The words of a text, parted by blanks; nothing in it is quoted or expanded.</summary>
    public static ImmutableArray<string> Split(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Chooses a JDK; <paramref name="home"/> is null for one that the app brings.</summary>
    private static string? Choose(BuildContext context, IReadOnlyList<Jdk> installed, out string? home)
    {
        home = null;
        if (context.Tree.HasFile(".jdk/bin/java"))
        {
            context.Output.Heading("Using provided JDK");
            return null;
        }

        if (installed.Count == 0)
        {
            return $"This machine has no JDK in /usr/lib/jvm, and no javac on {context.Environment["PATH"]}. Install Java on the platform's machine, for example with 'apt-get install openjdk-17-jdk-headless'.";
        }

        var wanted = JavaProperties.Read(context.Tree, "system.properties", "java.runtime.version");
        if (wanted is null)
        {
            var first = installed[0];
            context.Output.Warning($"No OpenJDK version is specified; OpenJDK {first.Version} is used. Fix the version by a line in system.properties: java.runtime.version={first.Version.Major}");
            home = first.Home;
            return null;
        }

        if (!JavaVersion.TryParse(wanted, out var version))
        {
            return $"java.runtime.version in system.properties is '{TreeName.Shown(wanted)}', which is no version of Java. Write one such as {installed[0].Version.Major}.";
        }

        var jdk = installed.FirstOrDefault(j => version.IsExactly(j.Version)) ?? installed.FirstOrDefault(j => j.Version.Major == version.Major);
        if (jdk is null)
        {
            return Toolchain.Unmet("java.runtime.version in system.properties", wanted, $"OpenJDK {string.Join(" and ", installed.Select(static j => j.Version.ToString()).Distinct())}");
        }

        if (!version.IsExactly(jdk.Version))
        {
            context.Output.Warning($"java.runtime.version in system.properties asks for {TreeName.Shown(wanted)}; this platform has the update {jdk.Version} of it.");
        }

        context.Output.Heading($"Using OpenJDK {jdk.Version}");
        home = jdk.Home;
        return null;
    }
}
