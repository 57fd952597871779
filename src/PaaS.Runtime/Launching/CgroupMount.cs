namespace PaaS.Runtime;

/// <summary>Where on this machine groups can be made.</summary>
internal static class CgroupMount
{
    /// <summary>The directory that holds every host's groups.</summary>
    public const string Product = "paas";

    private const int Writable = 2;

    /// <summary>
    /// Makes a directory for one host's groups: below the mount's root, or below the host's own group where only that is
    /// delegated to it.
    /// </summary>
    /// <returns><see langword="null"/> if there is no cgroup v2 that the host may write, or the kernel lacks cgroup.kill (before 5.14).</returns>
    public static string? TryMake(string host)
    {
        if (FindMount(File.ReadLines("/proc/self/mountinfo")) is not { } mount)
        {
            return null;
        }

        var own = FindOwnGroup(File.ReadLines("/proc/self/cgroup"));
        foreach (var parent in new[] { mount, Path.Join(mount, own) })
        {
            if (TryMakeBelow(parent, host) is { } path)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The mount point of the v2 tree, alone or beside v1 ones, in the text of <c>/proc/self/mountinfo</c>.</summary>
    public static string? FindMount(IEnumerable<string> mountinfo)
    {
        foreach (var line in mountinfo)
        {
            var halves = line.Split(" - ", 2);
            var fields = halves[0].Split(' ');
            if (halves.Length == 2 && fields.Length > 4 && halves[1].StartsWith("cgroup2 ", StringComparison.Ordinal))
            {
                return fields[4].Replace("\\040", " ", StringComparison.Ordinal);
            }
        }

        return null;
    }

    /// <summary>The host's own group in the v2 tree, from the text of <c>/proc/self/cgroup</c>.</summary>
    public static string FindOwnGroup(IEnumerable<string> cgroup) =>
        cgroup.FirstOrDefault(static line => line.StartsWith("0::/", StringComparison.Ordinal)) is { } line ? line[3..] : "/";

    private static string? TryMakeBelow(string parent, string host)
    {
        // Moving a process needs the right to write into the group above both its old and its new one.
        if (Libc.Access(Path.Combine(parent, "cgroup.procs"), Writable) != 0)
        {
            return null;
        }

        var path = Path.Combine(parent, Product, host);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return File.Exists(Path.Combine(path, "cgroup.kill")) ? path : null;
    }
}
