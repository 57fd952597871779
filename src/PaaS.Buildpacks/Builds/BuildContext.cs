using System.Collections.Immutable;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>One build as a buildpack sees it.</summary>
public sealed class BuildContext
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";
    private readonly BuildCommands _commands;

    internal BuildContext(BuildWorkspace workspace, BuildRequest request, BuildOptions options, BuildOutput output, IProcessLauncher launcher, TimeProvider time)
    {
        BuildDirectory = workspace.App;
        CacheDirectory = workspace.Cache;
        ConfigVars = request.ConfigVars;
        UserId = request.UserId;
        Commit = request.Commit;
        Output = output;
        var sandbox = new BuildSandbox(workspace, options, launcher.Isolation);
        Environment = EnvironmentOf(workspace, request, options, sandbox.Temporary);
        _commands = new BuildCommands(this, launcher, sandbox, $"{request.AppName}/build", time);
    }

    /// <summary>The app's tree; absolute. It is not at <c>/app</c> yet.</summary>
    public string BuildDirectory { get; }

    /// <summary>A directory of the app's that lives from build to build; absolute. It may be empty at any time.</summary>
    public string CacheDirectory { get; }

    /// <summary>The app's config vars. They are in no command's environment unless the buildpack puts them there.</summary>
    public ConfigVars ConfigVars { get; }

    /// <summary>The user the build runs as; <see langword="null"/> is the host's own.</summary>
    public int? UserId { get; }

    /// <summary>The commit being built, if known.</summary>
    public string? Commit { get; }

    /// <summary>The stack, as the command's variable <c>STACK</c> says it.</summary>
    public string Stack { get; } = Slug.DefaultStack;

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
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Whether the tree has a regular file of this name, or a link to one within the tree.</summary>
    /// <param name="relativePath">A path relative to the app's root.</param>
    public bool HasFile(string relativePath)
    {
        using var root = TreeDirectory.Open(BuildDirectory);
        using var file = root.OpenBelow(relativePath);
        return file is not null;
    }

    /// <summary>Reads a small file of the tree as UTF-8, without being led outside it by a link.</summary>
    /// <param name="relativePath">A path relative to the app's root.</param>
    /// <param name="maxBytes">The largest size.</param>
    /// <returns>The text, or null if there is no such regular file.</returns>
    /// <exception cref="InvalidDataException">The file is larger.</exception>
    public string? ReadText(string relativePath, int maxBytes)
    {
        using var root = TreeDirectory.Open(BuildDirectory);
        using var file = root.OpenBelow(relativePath);
        if (file is null)
        {
            return null;
        }

        var bytes = BoundedFile.Read(file, maxBytes, out var all);
        return all ? Encoding.UTF8.GetString(bytes) : throw new InvalidDataException($"{relativePath} is larger than {maxBytes:N0} bytes.");
    }

    /// <summary>
    /// Runs a command in the app's tree, as the app's user; what it prints goes to <see cref="Output"/>. When it has ended, whatever
    /// it left running is killed. Where the launcher has a sandbox, it sees the system, <see cref="BuildDirectory"/>,
    /// <see cref="CacheDirectory"/> and its own home and /tmp, and no other file of the machine. If it is killed for a limit of memory or disk, the
    /// output says so.
    /// </summary>
    /// <param name="command">The program, by name or absolute path, and its arguments.</param>
    /// <param name="environment">Variables beside and above <see cref="Environment"/>.</param>
    /// <param name="cancellationToken">Kills the command and all it has started.</param>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    public ValueTask<ProcessExit> RunAsync(
        ImmutableArray<string> command, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default) =>
        _commands.RunAsync(command, environment, Output.Program, cancellationToken);

    /// <summary>Whether anything has this name in the root of the tree.</summary>
    internal bool Exists(string name)
    {
        using var root = TreeDirectory.Open(BuildDirectory);
        return root.Find(TreeName.Of(name)) is not null;
    }

    /// <summary>Runs a command in the same way, and keeps what it prints.</summary>
    internal async ValueTask<(ProcessExit Exit, string Output)> ReadAsync(ImmutableArray<string> command, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var exit = await _commands.RunAsync(
            command,
            null,
            line => _ = text.Length < 64 * 1024 ? text.Append(Encoding.UTF8.GetString(line)).Append('\n') : text,
            cancellationToken).ConfigureAwait(false);
        return (exit, text.ToString().Trim());
    }

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
