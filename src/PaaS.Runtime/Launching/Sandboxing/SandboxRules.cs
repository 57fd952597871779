namespace PaaS.Runtime;

/// <summary>What the sandbox can start. Refuses before anything has been made.</summary>
internal static class SandboxRules
{
    private const int MostMounts = 100;

    // What the system's and the kernel's own mounts stand on.
    private static readonly string[] Taken = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/dev", "/sys"];

    /// <summary>Checks a spec.</summary>
    /// <exception cref="ProcessStartException">It can't be started; the message says why.</exception>
    public static void Check(ProcessSpec spec)
    {
        SpecRules.Check(spec);
        if (spec.UserId is null && Libc.EffectiveUserId() == 0)
        {
            throw SpecRules.Refuse(spec, "it has no user id, and under a host that is root it would be root outside its sandbox. Give it one");
        }

        if (spec.HostName is { } name && (name.Length is 0 or > 63 || name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))))
        {
            throw SpecRules.Refuse(spec, "its host name isn't 1 to 63 letters, digits, '-' and '.'");
        }

        var mounts = spec.Mounts.IsDefault ? [] : spec.Mounts;
        if (mounts.Length > MostMounts)
        {
            throw SpecRules.Refuse(spec, $"it has {mounts.Length} mounts, and {MostMounts} is the most");
        }

        foreach (var mount in mounts)
        {
            Check(spec, mount);
        }

        if (mounts.GroupBy(static mount => mount.Target).FirstOrDefault(static same => same.Count() > 1) is { } twice)
        {
            throw SpecRules.Refuse(spec, $"two of its mounts have the target {twice.Key}");
        }
    }

    /// <summary>Whether a path may be one that a sandbox shows something at.</summary>
    public static bool CanBeTarget(string path) => IsPlain(path) && path != "/" && !IsTaken(path);

    private static void Check(ProcessSpec spec, ProcessMount mount)
    {
        if (!IsPlain(mount.Source) || !IsPlain(mount.Target) || mount.Target == "/")
        {
            throw SpecRules.Refuse(spec, $"its mount of '{mount.Source}' at '{mount.Target}' is not of two absolute paths without '.', '..', double or trailing slashes");
        }

        if (IsTaken(mount.Target))
        {
            throw SpecRules.Refuse(spec, $"its mount at {mount.Target} is in the way of the system's own");
        }

        var file = new FileInfo(mount.Source);
        if (file.LinkTarget is not null)
        {
            throw SpecRules.Refuse(spec, $"its mount {mount.Source} is a symbolic link; give the path it leads to");
        }

        if (!Directory.Exists(mount.Source) && (mount.Mode == ProcessMountMode.Ephemeral || !file.Exists))
        {
            throw SpecRules.Refuse(spec, $"its mount {mount.Source} is not there, or not a directory and {nameof(ProcessMountMode.Ephemeral)}");
        }
    }

    private static bool IsTaken(string target) => Taken.Any(taken => target == taken || target.StartsWith(taken + "/", StringComparison.Ordinal));

    private static bool IsPlain(string path) =>
        Path.IsPathFullyQualified(path) && !path.Contains('\0', StringComparison.Ordinal) && Path.GetFullPath(path) == path && (path == "/" || !path.EndsWith('/'));
}
