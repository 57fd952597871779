using System.Buffers;

namespace PaaS.Runtime;

/// <summary>
/// How an ordinary user mounts overlays: in a user namespace of the chain's, by a constant script that gets every path as
/// an argument. Root needs none: see <see cref="ThreadNamespaces"/>.
/// </summary>
internal static class OverlayScript
{
    private const string Script = """
        PATH=/usr/local/bin:/usr/bin:/bin
        while [ "$1" != -- ]; do
            mount -n -i -t overlay -o "$1" overlay "$2" || exit 125
            shift 2
        done
        shift
        cd / || exit 125
        unset -v PWD OLDPWD
        exec "$@"
        """;

    private static readonly SearchValues<char> Unsafe = SearchValues.Create(",:\\\"'\n");

    /// <summary>The links in front of bwrap's; none if nothing is ephemeral.</summary>
    public static IEnumerable<string> Compose(IEnumerable<StagedMount> mounts)
    {
        var overlays = mounts.Where(static mount => mount.Scratch is not null).ToList();
        return overlays.Count == 0
            ? []
            :
            [
                StartScript.Find("unshare", "util-linux"), "--user", "--map-root-user", "--mount", "--propagation", "slave",
                "/bin/sh", "-c", Script, "paas",
                .. overlays.SelectMany(static mount => new[]
                {
                    $"lowerdir={Check(mount.Mount.Source)},upperdir={Check(mount.Upper)},workdir={Check(mount.Work)},nosuid,nodev,userxattr,volatile",
                    mount.Merged,
                }),
                "--",
            ];
    }

    private static string Check(string path) => !path.AsSpan().ContainsAny(Unsafe)
        ? path
        : throw new ProcessStartException($"The path {path} has one of the characters , : \\ \" ' that a list of mount options can't hold. Give the host directories without them.");
}
