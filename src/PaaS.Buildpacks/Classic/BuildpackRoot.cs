namespace PaaS.Buildpacks;

/// <summary>Finds a classic buildpack in what was fetched, and makes its scripts ready to run.</summary>
internal static class BuildpackRoot
{
    private const int MaxScripts = 1_000;
    private const UnixFileMode Runnable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The buildpack's root: the directory, or the only one in it.</summary>
    /// <exception cref="BuildpackFetchException">There is no buildpack in it.</exception>
    public static string Find(string directory)
    {
        var tree = new SourceTree(directory);
        var below = tree.HasDirectory("bin") ? null : tree.Directories().Where(static name => name != ".git").ToList() is [var only] ? only : null;
        var root = below is null ? directory : Path.Combine(directory, below);
        var found = below is null ? tree : new SourceTree(root);
        if (!found.HasFile("bin/detect") || !found.HasFile("bin/compile"))
        {
            throw new BuildpackFetchException(
                found.HasFile("buildpack.toml") && found.HasFile("bin/build")
                    ? "it is a Cloud Native Buildpack, and this platform runs classic ones (bin/detect, bin/compile). Many have a classic twin named heroku-buildpack-NAME."
                    : "it has no bin/detect or no bin/compile. Name the root of a classic buildpack.",
                isFinal: true);
        }

        MakeRunnable(root);
        return root;
    }

    /// <summary>Archives lose the mode of scripts, and so do repositories of Windows.</summary>
    private static void MakeRunnable(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var directory = TreeDirectory.Open(root);
        using var scripts = directory.OpenDirectory(TreeName.Of("bin"));
        foreach (var name in scripts.List(MaxScripts))
        {
            if (scripts.Find(name) is { Kind: TreeEntryKind.File, Executable: false })
            {
                using var script = scripts.OpenFile(name, out _);
                File.SetUnixFileMode(script, Runnable);
            }
        }
    }
}
