using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// What the commands of one build see and may use, as far as the launcher can keep the rest from them. The build's directories have
/// the same paths inside as outside; the app's is also where a dyno will find it.
/// </summary>
internal sealed class BuildSandbox(BuildWorkspace workspace, BuildOptions options, ProcessIsolation isolation)
{
    private const string InnerTemporary = "/tmp";

    /// <summary>The commands' directory for temporary files. In a sandbox it is also what a program finds that asks for /tmp, and on disk: a build may write much.</summary>
    public string Temporary => HasFiles ? InnerTemporary : workspace.Temporary;

    /// <summary>Where the commands find the app.</summary>
    public string AppPath => HasFiles ? "/app" : workspace.App;

    /// <summary>Whether commands see only what is mounted for them.</summary>
    public bool HasFiles => isolation.HasFlag(ProcessIsolation.Files);

    /// <summary>The spec of a command, closed in.</summary>
    public ProcessSpec Enclose(ProcessSpec command) => Enclose(command, Own());

    /// <summary>The spec of a command that sees other directories of the host than most.</summary>
    public ProcessSpec Enclose(ProcessSpec command, IEnumerable<ProcessMount> own) => command with
    {
        Mounts = HasFiles ? [.. own, .. Given()] : [],
        HostName = "build",
        Network = isolation.HasFlag(ProcessIsolation.Network) ? options.Network : ProcessNetwork.Host,

        // Where it does not hold for the tree it holds for the user, and a build would be short of what the app's dynos use.
        Limits = isolation.HasFlag(ProcessIsolation.ProcessCount) ? options.Limits : options.Limits with { Processes = null },
    };

    private IEnumerable<ProcessMount> Own() =>
    [
        new(workspace.Temporary, InnerTemporary, ProcessMountMode.Writable),
        new(workspace.Work, workspace.Work, ProcessMountMode.Writable),
        new(workspace.App, AppPath, ProcessMountMode.Writable),
        new(workspace.Home, workspace.Home, ProcessMountMode.Writable),
        new(workspace.Kept.Mount, workspace.Kept.Mount, ProcessMountMode.Writable),
    ];

    private IEnumerable<ProcessMount> Given() =>
        options.ReadOnlyPaths.IsDefault ? [] : options.ReadOnlyPaths.Distinct().Where(Path.Exists).Select(static path => new ProcessMount(path, path));
}
