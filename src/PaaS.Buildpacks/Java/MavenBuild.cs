using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Maven build.</summary>
internal sealed partial class MavenBuild(BuildContext context, JvmTools tools, CancellationToken cancellationToken)
{
    private const string WrapperProperties = ".mvn/wrapper/maven-wrapper.properties";
    private readonly MavenIndex _index = MavenIndex.Of(context.Packages);
    private readonly Dictionary<string, string> _environment = tools.Environment;

    public async ValueTask<CompileResult> RunAsync()
    {
        var cache = Path.Combine(context.CacheDirectory, ".m2");
        _environment["MAVEN_OPTS"] = string.Join(' ', (string[])
        [
            "-Xmx1024m",
            .. tools.Words("MAVEN_JAVA_OPTS"),
            JvmTools.Directories(context),
            $"-Dmaven.repo.local={cache}/repository",
            // One line for each file that is fetched, in all versions of Maven.
            "-Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn",
        ]);
        _environment["MAVEN_USER_HOME"] = cache;
        if (_index is { IsSystem: false, Central: { } mirror })
        {
            _environment["MVNW_REPOURL"] = mirror;
        }

        var (maven, problem) = await ChooseAsync().ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        (var settings, problem) = await SettingsAsync().ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        // Debian's repository lacks what the goals 'clean' and 'install' need.
        ImmutableArray<string> wanted =
        [
            .. tools.Words("MAVEN_CUSTOM_OPTS", "-DskipTests"),
            .. tools.Words("MAVEN_CUSTOM_GOALS", _index.IsSystem ? "package" : "clean dependency:list install"),
        ];
        var shown = $"{maven[^1]} {string.Join(' ', wanted)}";
        context.Output.Heading("Executing Maven");
        context.Output.Detail($"$ {shown}");
        var exit = await context.RunAsync([.. maven, "-B", "-DoutputFile=target/mvn-dependency-list.log", .. settings, .. wanted], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? new Compiled(tools.Exports) : new CompileFailed($"'{shown}' ended with status {exit.Status}. What it printed stands above; run the same command where you develop.");
    }

    /// <summary>The wrapper if the app has one (Heroku's rule: the script, its properties, and no maven.version), else the machine's Maven.</summary>
    private async ValueTask<(ImmutableArray<string> Command, string? Problem)> ChooseAsync()
    {
        var version = JavaProperties.Read(context.Tree, "system.properties", "maven.version");
        if (context.Tree.HasFile("mvnw") && version is null)
        {
            if (!context.Tree.HasFile(WrapperProperties))
            {
                context.Output.Warning($"There is a mvnw but no {WrapperProperties}, so this platform's Maven is used. Run 'mvn wrapper:wrapper' and commit what it makes, or remove mvnw.");
            }
            else if (_index.IsSystem)
            {
                context.Output.Warning("The Maven Wrapper would fetch Maven; this platform builds without a network, so its own Maven is used.");
            }
            else
            {
                return (BuildWrapper.Command(context.Tree, "mvnw"), null);
            }
        }

        if (Toolchain.Missing(context, "Maven", "maven", "mvn") is { } missing)
        {
            return ([], missing + " An app with a Maven Wrapper (mvnw) does not need it.");
        }

        var problem = version is null ? null : await CheckVersionAsync(version).ConfigureAwait(false);
        return (["mvn"], problem);
    }

    private async ValueTask<string?> CheckVersionAsync(string wanted)
    {
        var (exit, text) = await context.ReadAsync(["mvn", "-B", "--version"], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded || Version().Match(text) is not { Success: true } match)
        {
            return $"'mvn --version' ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair Maven on the platform's machine.";
        }

        var found = match.Groups[1].Value;
        if (wanted.Split('.')[0] != found.Split('.')[0])
        {
            return Toolchain.Unmet("maven.version in system.properties", wanted, $"Maven {found}") + " A Maven Wrapper (mvnw) fetches any version.";
        }

        if (wanted != found)
        {
            context.Output.Warning($"maven.version in system.properties asks for {TreeName.Shown(wanted)}; Maven {found} of this platform is used. A Maven Wrapper (mvnw) fetches any version.");
        }

        return null;
    }

    /// <summary>The operator's settings and the app's, as Maven's options.</summary>
    private async ValueTask<(ImmutableArray<string> Options, string? Problem)> SettingsAsync()
    {
        ImmutableArray<string> options = [];
        if (MavenSettings.Text(_index) is { } text)
        {
            options = ["--global-settings", JvmTools.WriteHomeFile(context, ".m2/paas-settings.xml", text)];
        }

        if (context.Tree.HasFile(".m2/settings.xml"))
        {
            return ([.. options, "--settings", Path.Combine(context.AppPath, ".m2/settings.xml")], null);
        }

        if (_environment.GetValueOrDefault("MAVEN_SETTINGS_PATH") is { Length: > 0 } path)
        {
            context.Output.Heading($"Using settings.xml from {TreeName.Shown(path)}");
            return Path.IsPathRooted(path) || context.Tree.HasFile(path)
                ? ([.. options, "--settings", Path.Combine(context.AppPath, path)], null)
                : ([], $"MAVEN_SETTINGS_PATH is '{TreeName.Shown(path)}', but there is no such file in the app. Commit it, or unset the config var.");
        }

        if (_environment.GetValueOrDefault("MAVEN_SETTINGS_URL") is { Length: > 0 } url)
        {
            return await FetchSettingsAsync(url, options).ConfigureAwait(false);
        }

        if (context.Tree.HasFile("settings.xml"))
        {
            context.Output.Heading("Using settings.xml from project directory");
            return ([.. options, "--settings", Path.Combine(context.AppPath, "settings.xml")], null);
        }

        return (options, null);
    }

    /// <summary>Fetched by a command of the build: it reaches what any command of it may reach, and no more.</summary>
    private async ValueTask<(ImmutableArray<string> Options, string? Problem)> FetchSettingsAsync(string url, ImmutableArray<string> options)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            return ([], "MAVEN_SETTINGS_URL is no http or https address. Correct the config var, or unset it.");
        }

        if (Toolchain.Missing(context, "curl", "curl", "curl") is { } missing)
        {
            return ([], missing);
        }

        context.Output.Heading("Using settings.xml from MAVEN_SETTINGS_URL");
        var target = JvmTools.WriteHomeFile(context, ".m2/settings.xml", string.Empty);

        // The address may hold a password, and a command line is for all to read. An absolute URI has neither quotes nor line ends.
        var address = JvmTools.WriteHomeFile(context, ".m2/settings-address", $"url = \"{uri.AbsoluteUri.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");
        var exit = await context.RunAsync(
            ["curl", "--silent", "--show-error", "--fail", "--location", "--proto", "=http,https", "--retry", "3", "--connect-timeout", "5", "--max-time", "10", "--max-filesize", "1048576", "--output", target, "--config", address],
            _environment,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? ([.. options, "--settings", target], null)
            : ([], $"The file that MAVEN_SETTINGS_URL names could not be fetched (curl ended with status {exit.Status}). Check that the address is right and public, or unset the config var.");
    }

    [GeneratedRegex(@"Apache Maven ([0-9][0-9A-Za-z.-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
