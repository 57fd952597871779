namespace PaaS.Buildpacks;

/// <summary>
/// The directories of one build. The outer one belongs to the host and lets others only pass; <c>app</c>, <c>home</c> and
/// <c>tmp</c> belong to the app's user. All vanish with the build, however it ends; the cache stays.
/// </summary>
internal sealed class BuildWorkspace : IDisposable
{
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly string _builds;
    private readonly string _name = Guid.NewGuid().ToString("N");

    private BuildWorkspace(BuildOptions options, BuildRequest request)
    {
        _builds = MakePassable(options.BuildsDirectory);
        Root = MakePassable(Path.Combine(_builds, _name));
        Cache = Path.Combine(MakePassable(options.CachesDirectory), request.App.ToString());
        ArchiveOptions = new SlugArchiveOptions
        {
            Format = options.SlugFormat,
            MaxBytes = options.MaxSlugBytes,
            CacheDirectory = Path.Combine(options.CachesDirectory, BlocksOf(request.App)),
            CacheBytes = options.BlockCacheBytes,
        };
    }

    /// <summary>The outer directory, closed to the app's user but for passing through.</summary>
    public string Root { get; }

    /// <summary>The app's tree; not there until the source is unpacked.</summary>
    public string App => Path.Combine(Root, "app");

    /// <summary>The home of the build's commands.</summary>
    public string Home => Path.Combine(Root, "home");

    /// <summary>Their directory for temporary files.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>What is kept between builds.</summary>
    public string Cache { get; }

    /// <summary>How the app becomes a slug. The cache of blocks stands beside that of the app, and belongs to the host.</summary>
    public SlugArchiveOptions ArchiveOptions { get; }

    /// <summary>The name of the directory of an app's blocks.</summary>
    public static string BlocksOf(AppId app) => $"{app}.blocks";

    public static BuildWorkspace Make(BuildOptions options, BuildRequest request)
    {
        var workspace = new BuildWorkspace(options, request);
        try
        {
            MakeOwned(workspace.Home, request.UserId);
            MakeOwned(workspace.Temporary, request.UserId);
            workspace.MakeCache(request.UserId);
            return workspace;
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
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

    public void Dispose() => Remove(_builds, _name);

    private static string MakePassable(string path)
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

    private void MakeCache(int? userId)
    {
        var caches = Path.GetDirectoryName(Cache)!;
        var name = TreeName.Of(Path.GetFileName(Cache));
        using var parent = TreeDirectory.Open(caches);
        var found = parent.Find(name);
        if (found is { Kind: TreeEntryKind.Directory } && (userId is null || found.Value.UserId == userId))
        {
            return;
        }

        // Of another user, from before the app got one of its own: its files could not be written, and are not to be trusted.
        TreeRemoval.Remove(parent, name);
        MakeOwned(Cache, userId);
    }
}
