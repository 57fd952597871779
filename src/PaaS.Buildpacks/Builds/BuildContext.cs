using System.Collections.Immutable;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>One build as a buildpack sees it.</summary>
public sealed class BuildContext
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";
    private readonly Func<BuildContext, BuildCommands>? _start;
    private readonly BuildCommands? _commands;

    internal BuildContext(
        BuildWorkspace workspace, BuildRequest request, BuildOptions options, BuildOutput output, IProcessLauncher launcher, TimeProvider time, ConfigVars? configVars = null)
    {
        Tree = new SourceTree(workspace.Work, BuildWorkspace.AppName, request.Settings.AppDirectory);
        CacheDirectory = workspace.Cache;
        ConfigVars = configVars ?? request.ConfigVars;
        UserId = request.UserId;
        Commit = request.Commit;
        Packages = options.Packages;
        Output = output;
        var sandbox = new BuildSandbox(workspace, options, launcher.Isolation);
        Workspace = workspace;
        Options = options;
        IsSandboxed = sandbox.HasFiles;
        AppPath = request.Settings.AppDirectory is { } directory ? $"{sandbox.AppPath}/{directory}" : sandbox.AppPath;
        Environment = EnvironmentOf(workspace, request, options, sandbox.Temporary);
        _start = context => new BuildCommands(context, launcher, sandbox, $"{request.AppName}/build", time);
        _commands = _start(this);
    }

    /// <summary>The same build for the next buildpack.</summary>
    private BuildContext(BuildContext before, ImmutableSortedDictionary<string, string> environment)
    {
        (Tree, AppPath, CacheDirectory, ConfigVars, UserId, Commit) = (before.Tree, before.AppPath, before.CacheDirectory, before.ConfigVars, before.UserId, before.Commit);
        (Packages, Output, Workspace, Options, IsSandboxed, _start) = (before.Packages, before.Output, before.Workspace, before.Options, before.IsSandboxed, before._start);
        Environment = environment;
        _commands = _start?.Invoke(this);
    }

    /// <summary>A tree that is looked at, not built.</summary>
    internal BuildContext(SourceTree tree)
    {
        (Tree, CacheDirectory, AppPath, Packages) = (tree, tree.Root, tree.Root, PackageSources.Default);
        Output = new BuildOutput(static _ => { });
        Environment = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("PATH", DefaultPath)]);
    }

    /// <summary>The app's files.</summary>
    public SourceTree Tree { get; }

    /// <summary>
    /// The app's directory; absolute. A command may remove it and put another in its place. The host reads and writes there through
    /// <see cref="Tree"/> and <see cref="WriteFile"/> only, which follow no link out of it.
    /// </summary>
    public string BuildDirectory => Tree.Root;

    /// <summary>
    /// Where a command of <see cref="RunAsync"/> finds the app's directory: in a sandbox <c>/app</c> (or <c>/app/DIR</c>, if the app is in a directory
    /// of the tree), where its dynos will find it, too, so that a path that a build writes down holds when it runs; else <see cref="BuildDirectory"/>, which dynos don't know. What may be run
    /// without a sandbox must not write down absolute paths.
    /// </summary>
    public string AppPath { get; }

    /// <summary>A directory of the app's that lives from build to build; absolute, and the same for commands. It may be empty at any time.</summary>
    public string CacheDirectory { get; }

    /// <summary>The app's config vars. They are in no command's environment unless the buildpack puts them there.</summary>
    public ConfigVars ConfigVars { get; } = ConfigVars.Empty;

    /// <summary>The user the build runs as; <see langword="null"/> is the host's own.</summary>
    public int? UserId { get; }

    /// <summary>The commit being built, if known.</summary>
    public string? Commit { get; }

    /// <summary>The stack, as the command's variable <c>STACK</c> says it.</summary>
    public string Stack { get; } = Slug.DefaultStack;

    /// <summary>Where package managers get the app's dependencies.</summary>
    public PackageSources Packages { get; }

    /// <summary>Where the build speaks.</summary>
    public BuildOutput Output { get; }

    /// <summary>
    /// What every command gets: <c>PATH</c>, <c>HOME</c> and <c>TMPDIR</c> of this build alone, <c>LANG</c>, <c>STACK</c>,
    /// <c>SOURCE_VERSION</c> if known, and what the operator set. Nothing of the host's own environment.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Environment { get; }

    /// <summary>Looks for a program on the build's <c>PATH</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its absolute path, or null.</returns>
    public string? FindProgram(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Environment["PATH"].Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(IsThere);
    }

    /// <summary>The build as the buildpack after sees it.</summary>
    /// <param name="exports">Variables above <see cref="Environment"/>.</param>
    internal BuildContext With(ImmutableSortedDictionary<string, string> exports) => exports.IsEmpty ? this : new(this, Environment.SetItems(exports));

    // What a buildpack installed in the app is at its place in the sandbox, and perhaps a link to another such place: nothing to follow here.
    private bool IsThere(string path) =>
        path.StartsWith(AppPath + "/", StringComparison.Ordinal) ? Tree.Exists(path[(AppPath.Length + 1)..]) : File.Exists(path);

    /// <summary>Writes a file of the app's, and the directories above it; what has its name is replaced. No link is followed.</summary>
    /// <param name="path">A path relative to the app's directory, such as <c>.profile.d/ruby.sh</c>.</param>
    /// <param name="text">Its content.</param>
    /// <param name="executable">Whether it can be run.</param>
    /// <exception cref="IOException">Something that is no directory stands above it, or a directory under its name.</exception>
    public void WriteFile(string path, string text, bool executable = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(text);
        Tree.Write(path, Encoding.UTF8.GetBytes(text), executable, UserId);
    }

    /// <summary>
    /// Runs a command as the app's user; what it prints goes to <see cref="Output"/>. When it has ended, whatever
    /// it left running is killed. Where the launcher has a sandbox, it sees the system, <see cref="AppPath"/>, <see cref="BuildDirectory"/>,
    /// <see cref="CacheDirectory"/> and its own home and /tmp, and no other file of the machine. If it is killed for a limit of memory or disk, the
    /// output says so.
    /// </summary>
    /// <param name="command">The program, by name or absolute path, and its arguments.</param>
    /// <param name="environment">Variables beside and above <see cref="Environment"/>.</param>
    /// <param name="directory">Where it runs, relative to the app's directory; <see langword="null"/> for that directory.</param>
    /// <param name="cancellationToken">Kills the command and all it has started.</param>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    /// <exception cref="InvalidOperationException">The tree is only looked at; it is not being built.</exception>
    public async ValueTask<ProcessExit> RunAsync(
        ImmutableArray<string> command, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, CancellationToken cancellationToken = default)
    {
        using var output = Output.Program();
        return await Commands.RunAsync(command, environment, directory, output.ReadAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a command in the same way, and keeps what it prints, up to 64 KiB, instead of showing it.</summary>
    /// <param name="command">The program, by name or absolute path, and its arguments.</param>
    /// <param name="environment">Variables beside and above <see cref="Environment"/>.</param>
    /// <param name="directory">Where it runs, relative to the app's directory; <see langword="null"/> for that directory.</param>
    /// <param name="cancellationToken">Kills the command and all it has started.</param>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    /// <exception cref="InvalidOperationException">The tree is only looked at; it is not being built.</exception>
    public async ValueTask<(ProcessExit Exit, string Output)> ReadAsync(
        ImmutableArray<string> command, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, CancellationToken cancellationToken = default)
    {
        var text = new BoundedText(64 * 1024);
        var exit = await Commands.RunAsync(command, environment, directory, text.ReadAsync, cancellationToken).ConfigureAwait(false);
        return (exit, text.ToString().ReplaceLineEndings("\n").Trim());
    }

    /// <summary>The build's directories; null for a tree that is only looked at.</summary>
    internal BuildWorkspace? Workspace { get; }

    /// <summary>The limits of builds; null for a tree that is only looked at.</summary>
    internal BuildOptions? Options { get; }

    /// <summary>Whether commands see only what is mounted for them.</summary>
    internal bool IsSandboxed { get; }

    /// <summary>Runs a command that says itself what it sees. What it left running is killed when it has ended.</summary>
    internal ValueTask<ProcessExit> ExecuteAsync(BuildCommand command, CancellationToken cancellationToken) => Commands.RunAsync(command, cancellationToken);

    private BuildCommands Commands => _commands ?? throw new InvalidOperationException("This tree is looked at; nothing of it is run.");

    private static ImmutableSortedDictionary<string, string> EnvironmentOf(BuildWorkspace workspace, BuildRequest request, BuildOptions options, string temporary)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        environment["PATH"] = DefaultPath;
        environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in options.Environment)
        {
            environment[name] = value;
        }

        environment["HOME"] = workspace.Home;
        environment["TMPDIR"] = temporary;
        environment["STACK"] = Slug.DefaultStack;
        if (request.Commit is { } commit)
        {
            environment["SOURCE_VERSION"] = commit;
        }

        return environment.ToImmutable();
    }
}
