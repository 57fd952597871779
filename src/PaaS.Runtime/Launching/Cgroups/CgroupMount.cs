using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>One cgroup tree of this machine: the unified one (v2), or one of version 1 with its controllers.</summary>
/// <param name="Path">Where it is mounted.</param>
/// <param name="OwnGroup">The host's own group in it, below the mount point; empty if that is the mount's root or cannot be seen.</param>
/// <param name="IsUnified">Whether it is version 2.</param>
/// <param name="Controllers">The controllers of a version 1 tree, by their kernel names; a unified one says its own in a file.</param>
internal sealed record CgroupMount(string Path, string OwnGroup, bool IsUnified, ImmutableArray<string> Controllers)
{
    private const int RootField = 3;
    private const int PathField = 4;

    /// <summary>
    /// Where groups may be made, best first. The root comes first because its place stays the same over restarts of the host. The
    /// group above the host's own comes next: a service manager may delegate it and put the host into a leaf of it, and only
    /// a group without processes can hand controllers down.
    /// </summary>
    public IEnumerable<string> Parents =>
        OwnGroup.Length == 0 ? [Path] : new[] { Path, System.IO.Path.GetDirectoryName(System.IO.Path.Join(Path, OwnGroup))!, System.IO.Path.Join(Path, OwnGroup) }.Distinct();

    /// <summary>Finds the trees.</summary>
    /// <param name="mountinfo">The text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="cgroup">The text of <c>/proc/self/cgroup</c>.</param>
    public static List<CgroupMount> Find(IEnumerable<string> mountinfo, IReadOnlyCollection<string> cgroup)
    {
        var found = new List<CgroupMount>();
        foreach (var line in mountinfo)
        {
            var halves = line.Split(" - ", 2);
            var fields = halves[0].Split(' ');
            var kind = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (fields.Length <= PathField || kind.Length < 3 || kind[0] is not ("cgroup" or "cgroup2"))
            {
                continue;
            }

            var isUnified = kind[0] == "cgroup2";
            ImmutableArray<string> options = isUnified ? [] : [.. kind[^1].Split(',')];
            found.Add(new CgroupMount(Unescape(fields[PathField]), OwnGroupOf(cgroup, options, Unescape(fields[RootField])), isUnified, options));
        }

        return found;
    }

    /// <summary>A line is <c>id:controllers:group</c>; the unified tree's has no controllers.</summary>
    private static string OwnGroupOf(IReadOnlyCollection<string> cgroup, ImmutableArray<string> options, string root)
    {
        foreach (var line in cgroup)
        {
            var parts = line.Split(':', 3);
            if (parts.Length == 3 && (options.IsEmpty ? parts[1].Length == 0 : parts[1].Length > 0 && parts[1].Split(',').All(options.Contains)))
            {
                return Below(parts[2], root);
            }
        }

        return string.Empty;
    }

    /// <summary>A container may see the tree from its own group on, which then is the mount's root.</summary>
    private static string Below(string group, string root)
    {
        var below = root == "/" ? group : group.StartsWith(root, StringComparison.Ordinal) ? group[root.Length..] : string.Empty;
        return below is ['/', _, ..] && !below.Contains("/..", StringComparison.Ordinal) ? below : string.Empty;
    }

    private static string Unescape(string path) => path.Replace("\\040", " ", StringComparison.Ordinal);
}
