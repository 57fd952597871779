namespace PaaS.Buildpacks;

/// <summary>
/// The directories of one build. The outer one belongs to the host and lets others only pass; <c>work</c> (with the app's tree),
/// <c>home</c> and <c>tmp</c> belong to the app's user. All vanish with the build, however it ends; the cache stays.
/// </summary>
internal sealed class BuildWorkspace : IDisposable
{
    /// <summary>The tree's name in <see cref="Work"/>.</summary>
    public const string AppName = "app";

    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly string _builds;
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly int? _userId;

    private BuildWorkspace(BuildOptions options, BuildRequest request)
    {
        _builds = MakePassable(options.BuildsDirectory);
        _userId = request.UserId;
        Kept = BuildCache.Open(MakePassable(options.CachesDirectory), request.App, Slug.DefaultStack, request.UserId);
        ArchiveOptions = new SlugArchiveOptions
        {
            Format = options.SlugFormat,
            MaxBytes = options.MaxSlugBytes,
            CacheDirectory = Kept.Blocks,
            CacheBytes = options.BlockCacheBytes,
        };

        // Last: whatever fails before it leaves nothing.
        Root = MakePassable(Path.Combine(_builds, _name));
    }

    /// <summary>The outer directory, closed to the app's user but for passing through.</summary>
    public string Root { get; }

    /// <summary>
    /// Holds the tree alone. It is the user's, so that a build can remove the tree itself and put another directory in its place, as some
    /// buildpacks do. Whatever the host does with the tree must begin here, and follow no link.
    /// </summary>
    public string Work => Path.Combine(Root, "work");

    /// <summary>The app's tree; not there until the source is unpacked.</summary>
    public string App => Path.Combine(Work, AppName);

    /// <summary>The home of the build's commands.</summary>
    public string Home => Path.Combine(Root, "home");

    /// <summary>Their directory for temporary files.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>What is kept between builds.</summary>
    public BuildCache Kept { get; }

    /// <summary>What of that the build's commands use.</summary>
    public string Cache => Kept.Path;

    /// <summary>How the app becomes a slug. The cache of blocks belongs to the host.</summary>
    public SlugArchiveOptions ArchiveOptions { get; }

    public static BuildWorkspace Make(BuildOptions options, BuildRequest request)
    {
        var workspace = new BuildWorkspace(options, request);
        try
        {
            MakeOwned(workspace.Home, request.UserId);
            MakeOwned(workspace.Temporary, request.UserId);

            // The host's own until the source is unpacked.
            MakeOwned(workspace.Work, null);
            return workspace;
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Lets the user in, when the source is there.</summary>
    public void HandOver()
    {
        if (_userId is { } user)
        {
            using var work = TreeDirectory.Open(Work);
            work.ChangeOwner(user);
        }
    }

    /// <summary>Whether the tree is still a directory.</summary>
    public bool HasApp()
    {
        using var work = TreeDirectory.Open(Work);
        return work.Find(TreeName.Of(AppName)) is { Kind: TreeEntryKind.Directory };
    }

    /// <summary>Removes one entry of a directory of the host's.</summary>
    public static void Remove(string directory, string name)
    {
        if (Directory.Exists(directory))
        {
            using var parent = TreeDirectory.Open(directory);
            TreeRemoval.Remove(parent, TreeName.Of(name));
        }
    }

    /// <summary>Makes a directory of the host's that others can only pass through.</summary>
    public static string MakePassable(string path)
    {
        path = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(path).FullName;
        }

        Directory.CreateDirectory(path, Passable);
        File.SetUnixFileMode(path, Passable);
        return path;
    }

    /// <summary>Makes a directory of a user's.</summary>
    public static void MakeOwned(string path, int? userId)
    {
        using var fresh = FreshDirectory.Make(path);
        fresh.Keep(userId);
    }

    public void Dispose() => Remove(_builds, _name);
}
