namespace PaaS.Hosting;

/// <summary>
/// What a host that was killed leaves in its repositories: objects of pushes without a verdict, and locks that would hold
/// every later push. To be swept when no git runs.
/// </summary>
internal static class GitLeftovers
{
    /// <summary>Sweeps all repositories of a directory, and the repositories that were being made or deleted.</summary>
    public static void Sweep(string repositories)
    {
        foreach (var directory in Directory.EnumerateDirectories(repositories))
        {
            if (directory.EndsWith(GitRepositories.Suffix, StringComparison.Ordinal))
            {
                SweepRepository(directory);
            }
            else if (directory.EndsWith(GitRepositories.NewSuffix, StringComparison.Ordinal) || directory.EndsWith(GitRepositories.DeletedSuffix, StringComparison.Ordinal))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static void SweepRepository(string repository)
    {
        var objects = Path.Combine(repository, "objects");
        foreach (var directory in Enumerate(objects, directories: true).Where(path => PushRequest.IsQuarantine(Path.GetFileName(path))))
        {
            Directory.Delete(directory, recursive: true);
        }

        var packs = Path.Combine(objects, "pack");
        var files = Enumerate(packs, directories: false).Where(IsPackLeftover)
            .Concat(Enumerate(repository, directories: false).Where(IsLock))
            .Concat(Enumerate(Path.Combine(repository, "refs", "heads"), directories: false).Where(IsLock));
        foreach (var file in files.ToList())
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Enumerate(string directory, bool directories) =>
        !Directory.Exists(directory) ? [] : directories ? Directory.EnumerateDirectories(directory) : Directory.EnumerateFiles(directory);

    private static bool IsLock(string path) => path.EndsWith(".lock", StringComparison.Ordinal);

    // A .keep marks a pack of which the ref has not moved yet.
    private static bool IsPackLeftover(string path) =>
        path.EndsWith(".keep", StringComparison.Ordinal)
        || path.EndsWith(QuarantinedObjects.CopySuffix, StringComparison.Ordinal)
        || Path.GetFileName(path).StartsWith("tmp_", StringComparison.Ordinal);
}
