using System.Globalization;

namespace PaaS.Runtime;

/// <summary>A group of its own in a cgroup v2 tree: nothing a process does takes it out, and the kernel kills all of it in one step.</summary>
internal sealed class Cgroup(string path) : ProcessGroup
{
    private const int RemovalAttempts = 20;

    public override string? CgroupPath => path;

    public override bool IsEmpty => Read("cgroup.events") is not { } events || events.Contains("populated 0", StringComparison.Ordinal);

    /// <summary>Makes the group.</summary>
    public static Cgroup Create(string path)
    {
        Directory.CreateDirectory(path);
        return new Cgroup(path);
    }

    /// <summary>Whether a path is one that a launcher gives the group of this marker: <c>.../paas/HOST/MARKER</c>.</summary>
    public static bool IsOf(Guid marker, string path) =>
        Path.GetDirectoryName(path) is { } host
        && Path.GetFileName(path) == marker.ToString("N")
        && Guid.TryParseExact(Path.GetFileName(host), "N", out _)
        && Path.GetFileName(Path.GetDirectoryName(host)) == CgroupMount.Product;

    /// <summary>Moves a process into the group. What it starts from now on is born there.</summary>
    /// <exception cref="ProcessStartException">The system refused.</exception>
    public override void Join(int pid)
    {
        try
        {
            File.WriteAllText(Path.Combine(path, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProcessStartException($"Process {pid} could not be moved into the cgroup {path}: {e.Message} Give the host a delegated cgroup v2 group, or switch cgroups off for it.", e);
        }
    }

    public override IReadOnlyList<int> List()
    {
        var pids = new List<int>();
        foreach (var group in Groups(path))
        {
            foreach (var line in (Read(group, "cgroup.procs") ?? string.Empty).AsSpan().EnumerateLines())
            {
                if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 && ProcessStat.Read(pid) is { IsAlive: true })
                {
                    pids.Add(pid);
                }
            }
        }

        return pids;
    }

    public override void Kill()
    {
        try
        {
            File.WriteAllText(Path.Combine(path, "cgroup.kill"), "1");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The group has gone already.
        }
    }

    public override async ValueTask<bool> RemoveAsync()
    {
        // EBUSY while a zombie that another process has yet to reap is in it.
        for (var attempt = 0; attempt < RemovalAttempts; attempt++)
        {
            if (TryRemove())
            {
                return true;
            }

            await Task.Delay(attempt + 1).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Removes the group and those made inside it, if nothing is in them.</summary>
    public bool TryRemove() => TryRemove(Groups(path).AsEnumerable().Reverse());

    /// <summary>Removes the group if there is neither a process nor a group in it.</summary>
    public bool TryRemoveAlone() => TryRemove([path]);

    private static bool TryRemove(IEnumerable<string> groups)
    {
        try
        {
            foreach (var group in groups)
            {
                Directory.Delete(group);
            }

            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static List<string> Groups(string path)
    {
        try
        {
            return [path, .. Directory.GetDirectories(path).SelectMany(Groups)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static string? Read(string group, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(group, file));
        }
        catch (IOException) when (!Directory.Exists(group))
        {
            // ENOENT or ENODEV: the group has gone. Any other failure, such as no free descriptor, says nothing of it.
            return null;
        }
    }

    private string? Read(string file) => Read(path, file);
}
