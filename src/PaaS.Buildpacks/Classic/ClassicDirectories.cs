using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// What classic buildpacks see of a build's directories. The app's tree is at the path that it has on the host, and <c>/app</c> is an empty
/// directory of the build's own: scripts write there what a dyno will find there, and link it to the tree.
/// </summary>
internal sealed class ClassicDirectories
{
    /// <summary>Where scripts in a sandbox find their home, and dynos the app.</summary>
    public const string InnerHome = "/app";

    // Apart from what the platform's own buildpacks keep.
    private const string CacheName = "classic";
    private readonly BuildWorkspace _workspace;
    private readonly BuildContext _context;

    private ClassicDirectories(BuildContext context, BuildWorkspace workspace) => (_context, _workspace) = (context, workspace);

    /// <summary>The whole tree that is built; the app may be in a directory of it.</summary>
    public SourceTree Tree => new(_workspace.Work, BuildWorkspace.AppName, null);

    /// <summary>The directory that stands at <c>/app</c>, on the host.</summary>
    public string HostHome => Path.Combine(_workspace.Root, "slash-app");

    /// <summary>The scripts' home: <c>/app</c>, or where there is no sandbox an empty directory of the build's.</summary>
    public string Home => _context.IsSandboxed ? InnerHome : HostHome;

    /// <summary>CACHE_DIR; the script that gets it makes it.</summary>
    public string Cache => Path.Combine(_context.CacheDirectory, CacheName);

    /// <summary>ENV_DIR.</summary>
    public string Variables => Path.Combine(_workspace.Root, "env");

    /// <summary>A name of this build's that no other has.</summary>
    public string BuildId => Path.GetFileName(_workspace.Root);

    /// <summary>What is mounted for the scripts. All buildpacks of a build see each other, as what one exports may lie in its own directory.</summary>
    public IReadOnlyList<ProcessMount> Mounts =>
    [
        .. TemporaryMount(),
        Writable(_workspace.Work),
        new(HostHome, InnerHome, ProcessMountMode.Writable),
        Writable(Variables),
        Writable(_workspace.Kept.Mount),
        Writable(Buildpacks),
    ];

    private string Buildpacks => Path.Combine(_workspace.Root, "buildpacks");

    /// <summary>The directories of a build; they are made if they are not there, and vanish with it.</summary>
    public static ClassicDirectories Of(BuildContext context)
    {
        var workspace = context.Workspace ?? throw new InvalidOperationException("This tree is looked at; nothing of it is run.");
        var directories = new ClassicDirectories(context, workspace);
        if (!Directory.Exists(directories.Buildpacks))
        {
            using var root = TreeDirectory.Open(workspace.Root);
            root.CreateDirectory(TreeName.Of("buildpacks"));
            BuildWorkspace.MakeOwned(directories.HostHome, context.UserId);
            directories.MakeVariables();
        }

        return directories;
    }

    /// <summary>A path for one more buildpack; nothing is there.</summary>
    public string NewBuildpack()
    {
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(Buildpacks, number.ToString(CultureInfo.InvariantCulture));
            if (!Directory.Exists(path))
            {
                return path;
            }
        }
    }

    /// <summary>What a program that only writes one of these directories sees.</summary>
    public IReadOnlyList<ProcessMount> MountsOf(params IEnumerable<string> directories) => [.. TemporaryMount(), .. directories.Select(Writable)];

    private static ProcessMount Writable(string path) => new(path, path, ProcessMountMode.Writable);

    private ProcessMount[] TemporaryMount() =>
        [new(_workspace.Temporary, _context.Environment["TMPDIR"], ProcessMountMode.Writable)];

    private void MakeVariables()
    {
        using var fresh = FreshDirectory.Make(Variables);
        foreach (var (name, value) in _context.ConfigVars)
        {
            using (var file = fresh.Root.CreateFile(TreeName.Of(name), executable: false))
            {
                RandomAccess.Write(file, Encoding.UTF8.GetBytes(value), 0);
            }

            Own(fresh.Root, TreeName.Of(name));
        }

        fresh.Keep(_context.UserId);
    }

    private void Own(TreeDirectory parent, TreeName name)
    {
        if (_context.UserId is { } user)
        {
            parent.ChangeOwner(name, user);
        }
    }
}
