namespace PaaS.Buildpacks;

/// <summary>A directory that only the host can reach while it is filled, and that vanishes again unless it is kept.</summary>
internal sealed class FreshDirectory : IDisposable
{
    private readonly string _path;
    private bool _kept;

    private FreshDirectory(string path, TreeDirectory root)
    {
        _path = path;
        Root = root;
    }

    /// <summary>The directory, open.</summary>
    public TreeDirectory Root { get; }

    /// <summary>Makes it with mode 0700.</summary>
    /// <exception cref="IOException">There is something of this name.</exception>
    public static FreshDirectory Make(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        using (var parent = TreeDirectory.Open(Path.GetDirectoryName(path) ?? throw new ArgumentException("The root of the disk is no fresh directory.", nameof(path))))
        {
            parent.CreateDirectory(TreeName.Of(Path.GetFileName(path)), isPrivate: true);
        }

        return new FreshDirectory(path, TreeDirectory.Open(path));
    }

    /// <summary>Lets it stay, and hands it to its user.</summary>
    public void Keep(int? userId)
    {
        if (userId is { } user)
        {
            Root.ChangeOwner(user);
        }

        _kept = true;
    }

    public void Dispose()
    {
        Root.Dispose();
        if (!_kept)
        {
            using var parent = TreeDirectory.Open(Path.GetDirectoryName(_path)!);
            TreeRemoval.Remove(parent, TreeName.Of(Path.GetFileName(_path)));
        }
    }
}
