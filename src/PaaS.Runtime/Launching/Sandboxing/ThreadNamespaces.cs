using System.Globalization;

namespace PaaS.Runtime;

/// <summary>
/// A stay of the <see cref="SpawnThread"/> in other namespaces than the host's: a process that it starts meanwhile is born
/// there. For root only. Its mounts have no name anywhere else, and end with the last process that is in them.
/// </summary>
internal sealed class ThreadNamespaces : IDisposable
{
    // Nothing that a spec mounts is below /sys, which the sandbox doesn't show; and every user may pass through it.
    private const string Stage = "/sys";
    private readonly List<(int Descriptor, int Type)> _home = [];
    private int _directory = -1;

    /// <summary>Enters a network.</summary>
    public void EnterNetwork(int descriptor)
    {
        Remember("net", Libc.CloneNetwork);
        Libc.ThrowIf(Libc.SetNamespace(descriptor, Libc.CloneNetwork) != 0, "setns into a network");
    }

    /// <summary>Makes a copy of the host's mounts and, in it, each of these at <see cref="At"/>.</summary>
    public void EnterMounts(IReadOnlyList<StagedMount> mounts)
    {
        Remember("mnt", Libc.CloneMounts);
        _directory = Libc.Open(".", Libc.OpenPath);
        Libc.ThrowIf(Libc.Unshare(Libc.CloneMounts) != 0, "unshare of the mounts");

        // What the host unmounts later goes here too; what is mounted here stays here.
        Mount("none", "/", null, Libc.MountRecursive | Libc.MountSlave, null);
        Mount("tmpfs", Stage, "tmpfs", Libc.MountNoSuid | Libc.MountNoDevices, "mode=0711,size=64k");
        for (var i = 0; i < mounts.Count; i++)
        {
            Add(mounts[i], At(i));
        }
    }

    /// <summary>Where a chain finds the mount of this index.</summary>
    public static string At(int index) => string.Create(CultureInfo.InvariantCulture, $"{Stage}/{index}");

    /// <summary>Returns to the host's.</summary>
    /// <exception cref="NamespacesLostException">The system refused.</exception>
    public void Dispose()
    {
        IOException? failure = null;
        foreach (var (descriptor, type) in _home)
        {
            try
            {
                Libc.ThrowIf(Libc.SetNamespace(descriptor, type) != 0, "setns back to the host's namespaces");
            }
            catch (IOException e)
            {
                failure = e;
            }

            _ = Libc.Close(descriptor);
        }

        _home.Clear();
        if (_directory >= 0)
        {
            // Whoever enters mounts stands in their root. A directory that has gone meanwhile is no loss: nothing is started relative to it.
            _ = Libc.ChangeDirectory(_directory);
            _ = Libc.Close(_directory);
            _directory = -1;
        }

        if (failure is not null)
        {
            throw new NamespacesLostException(failure);
        }
    }

    private static void Add(StagedMount staged, string target)
    {
        // By descriptors: no character of a path means anything then, and the paths of the host stand in no list of mounts.
        using var source = new OpenPath(staged.Mount.Source);
        if (staged.Scratch is not null)
        {
            using var upper = new OpenPath(staged.Upper);
            using var work = new OpenPath(staged.Work);
            Directory.CreateDirectory(target);
            Mount("overlay", target, "overlay", Libc.MountNoSuid | Libc.MountNoDevices, $"lowerdir={source},upperdir={upper},workdir={work},volatile");
            return;
        }

        if (Directory.Exists(staged.Mount.Source))
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            File.WriteAllBytes(target, []);
        }

        Mount(source.ToString(), target, null, Libc.MountBind | Libc.MountRecursive, null);
    }

    private static void Mount(string source, string target, string? type, nuint flags, string? data) =>
        Libc.ThrowIf(Libc.Mount(source, target, type, flags, data) != 0, $"mount of {type ?? source} at {target}");

    private void Remember(string kind, int type) => _home.Add((Libc.Open($"/proc/thread-self/ns/{kind}", Libc.OpenReadOnly), type));

    private sealed class OpenPath(string path) : IDisposable
    {
        private readonly int _descriptor = Libc.Open(path, Libc.OpenPath | Libc.OpenNoFollow);

        public void Dispose() => _ = Libc.Close(_descriptor);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_descriptor}");
    }
}
