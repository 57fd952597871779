using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// A folder of the machine that an app names as a buildpack. It must lie below a directory that the operator lists, and no name on the way
/// to it may be a symbolic link.
/// </summary>
internal sealed class BuildpackFolder : IDisposable
{
    private BuildpackFolder(TreeDirectory directory) => Directory = directory;

    /// <summary>The folder.</summary>
    public TreeDirectory Directory { get; }

    /// <summary>Opens a folder; null if the operator lists no directory above it, if it is not there, or if the way to it leads over a link.</summary>
    /// <param name="path">An absolute path without <c>.</c> and <c>..</c>.</param>
    /// <param name="roots">The operator's directories.</param>
    public static BuildpackFolder? Open(string path, ImmutableArray<string> roots)
    {
        foreach (var root in roots.IsDefault ? [] : roots.Select(static root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))))
        {
            if (path.StartsWith(root + "/", StringComparison.Ordinal) && Open(root, path[(root.Length + 1)..]) is { } directory)
            {
                return new BuildpackFolder(directory);
            }
        }

        return null;
    }

    /// <summary>The git repository in it; null if it is a plain folder. It is the folder itself, if that is a bare repository.</summary>
    /// <exception cref="BuildpackFetchException">Its <c>.git</c> is no directory.</exception>
    public TreeDirectory? OpenRepository()
    {
        var git = TreeName.Of(".git");
        return Directory.Find(git) switch
        {
            { Kind: TreeEntryKind.Directory } => Directory.OpenDirectory(git),
            { } => throw new BuildpackFetchException("its .git is not a directory: it is a working tree of a repository that is elsewhere. Name that repository.", isFinal: true),
            null => IsBare() ? Directory : null,
        };
    }

    public void Dispose() => Directory.Dispose();

    private static TreeDirectory? Open(string root, string below)
    {
        TreeDirectory? directory = null;
        try
        {
            directory = TreeDirectory.Open(root);
            foreach (var part in below.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                using var parent = directory;
                directory = parent.OpenDirectory(TreeName.Of(part));
            }

            return directory;
        }
        catch (TreeException)
        {
            // Not there, no directory, or a link: which of them is no business of an app's.
            directory?.Dispose();
            return null;
        }
    }

    private bool IsBare() =>
        Directory.Find(TreeName.Of("HEAD")) is { Kind: TreeEntryKind.File }
        && Directory.Find(TreeName.Of("objects")) is { Kind: TreeEntryKind.Directory }
        && Directory.Find(TreeName.Of("refs")) is { Kind: TreeEntryKind.Directory };
}
