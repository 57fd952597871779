using System.Collections.Immutable;

namespace PaaS.Hosting;

/// <summary>
/// The git of this machine, started with argument lists and an environment in which nothing of the host's, of its user's
/// home or of the system's configuration takes part.
/// </summary>
internal sealed class GitProgram
{
    private const string SearchPath = "/usr/local/bin:/usr/bin:/bin";
    private const int MaxAnswerBytes = 1 << 20;
    private static readonly Version s_oldest = new(2, 30);

    private readonly IProcessLauncher _launcher;
    private readonly string _executable;
    private readonly ImmutableSortedDictionary<string, string> _environment;

    private GitProgram(IProcessLauncher launcher, string executable, string home)
    {
        (_launcher, _executable) = (launcher, executable);
        _environment = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, string>
        {
            ["PATH"] = SearchPath,
            ["HOME"] = home,
            ["XDG_CONFIG_HOME"] = home,
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_SYSTEM"] = "/dev/null",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_NO_REPLACE_OBJECTS"] = "1",
            ["GIT_DEFAULT_HASH"] = "sha1",
            ["GIT_DEFAULT_REF_FORMAT"] = "files",
        });
    }

    /// <summary>Its version.</summary>
    public Version Version { get; private set; } = s_oldest;

    /// <summary>Finds git and asks for its version.</summary>
    /// <param name="launcher">Starts it.</param>
    /// <param name="home">An empty directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="searchPath">Where to look; for tests.</param>
    /// <exception cref="GitException">It is missing or older than 2.30.</exception>
    public static async ValueTask<GitProgram> FindAsync(IProcessLauncher launcher, string home, CancellationToken cancellationToken, string searchPath = SearchPath)
    {
        var executable = searchPath.Split(':').Select(directory => Path.Combine(directory, "git")).FirstOrDefault(File.Exists)
            ?? throw new GitException($"git is not in {searchPath}, and pushes need it. Install the package git, version {s_oldest} or newer.");
        var git = new GitProgram(launcher, executable, home);
        var answer = await git.RunAsync(home, ["version"], cancellationToken);
        if (answer.Status != 0 || ReadVersion(answer.Output) is not { } version)
        {
            throw new GitException($"'{executable} version' ended with status {answer.Status} and said: {answer.Output}{answer.Error}. Install git {s_oldest} or newer.");
        }

        git.Version = version;
        return version >= s_oldest
            ? git
            : throw new GitException($"{executable} is version {version}, and pushes need {s_oldest} or newer: older ones lack the checks that keep pushed content harmless. Install a newer git.");
    }

    /// <summary>Reads <c>git version 2.39.5 (some vendor)</c>.</summary>
    public static Version? ReadVersion(string text)
    {
        const string Prefix = "git version ";
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var numbers = text.AsSpan(Prefix.Length);
        var end = numbers.IndexOf(' ');
        var parts = (end < 0 ? numbers : numbers[..end]).ToString().Split('.');
        return parts.Length >= 2 && int.TryParse(parts[0], out var major) && int.TryParse(parts[1], out var minor) ? new Version(major, minor) : null;
    }

    /// <summary>Starts git in a repository. Standard error has a pipe of its own.</summary>
    /// <param name="repository">The repository's directory.</param>
    /// <param name="arguments">What follows <c>git</c>: constants, paths of the host's and object names; nothing that a user wrote unless it was parsed.</param>
    /// <param name="environment">Variables beside the fixed ones.</param>
    /// <param name="redirectInput">Whether it reads an input.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<ProcessHandle> StartAsync(
        string repository,
        ReadOnlySpan<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        bool redirectInput = false,
        CancellationToken cancellationToken = default) => _launcher.StartAsync(
            new ProcessSpec
            {
                Command = [_executable, "-c", "safe.directory=" + repository, .. arguments],
                WorkingDirectory = repository,
                Environment = environment is null ? _environment : _environment.SetItems(environment),
                Label = "git",
                RedirectInput = redirectInput,
                SeparateError = true,
            },
            cancellationToken);

    /// <summary>Runs a short command to its end.</summary>
    public async ValueTask<GitAnswer> RunAsync(
        string repository, string[] arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var process = await StartAsync(repository, arguments, environment, cancellationToken: cancellationToken);
        var output = GitText.ReadStartAsync(process.Output, MaxAnswerBytes, cancellationToken);
        var error = GitText.ReadStartAsync(process.Error, MaxAnswerBytes, cancellationToken);
        await Task.WhenAll(output, error);
        var exit = await process.Exited.WaitAsync(cancellationToken);
        return new GitAnswer(exit.Status, await output, await error);
    }

    /// <summary>Runs a short command that has no reason to fail.</summary>
    /// <exception cref="GitException">It failed.</exception>
    public async ValueTask<string> DemandAsync(
        string repository, string[] arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        var answer = await RunAsync(repository, arguments, cancellationToken, environment);
        return answer.Status == 0
            ? answer.Output
            : throw new GitException($"'git {string.Join(' ', arguments)}' in {repository} ended with status {answer.Status}: {answer.Error}");
    }
}

/// <summary>What a git command said.</summary>
internal readonly record struct GitAnswer(int Status, string Output, string Error);
