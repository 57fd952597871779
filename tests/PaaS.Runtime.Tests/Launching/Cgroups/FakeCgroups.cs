namespace PaaS.Runtime.Tests;

/// <summary>A directory tree with the files that a kernel would show, to be mounted anywhere in a made-up mount table.</summary>
internal sealed class FakeCgroups : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-cgroups-");

    public string Host { get; } = Guid.NewGuid().ToString("N");

    public Guid Marker { get; } = Guid.NewGuid();

    public string HostGroup(string parent) => Path.Combine(Path.Join(_root.FullName, parent), HostCgroups.Product, Host);

    public string Group(string parent) => Path.Combine(HostGroup(parent), Marker.ToString("N"));

    /// <summary>A group with these files; without cgroup.procs the host can't write it.</summary>
    public FakeCgroups With(string path, params (string Name, string Text)[] files)
    {
        var directory = Directory.CreateDirectory(Path.Join(_root.FullName, path)).FullName;
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(directory, name), text);
        }

        return this;
    }

    /// <summary>What a version 1 hierarchy shows in its root and in the tree's group.</summary>
    public FakeCgroups WithVersion1(string path, params (string Name, string Text)[] files) =>
        With(path, ("cgroup.procs", "1\n")).With($"{path}/paas/{Host}").With($"{path}/paas/{Host}/{Marker:N}", [("cgroup.procs", ""), .. files]);

    /// <summary>What a version 2 hierarchy shows below a parent that has these controllers.</summary>
    public FakeCgroups WithVersion2(string parent, string controllers, params (string Name, string Text)[] files)
    {
        (string, string)[] inner = [("cgroup.type", "domain\n"), ("cgroup.procs", ""), ("cgroup.kill", ""), ("cgroup.controllers", controllers), ("cgroup.subtree_control", "")];
        return With($"{parent}/paas", inner).With($"{parent}/paas/{Host}", inner).With($"{parent}/paas/{Host}/{Marker:N}", [("cgroup.procs", ""), ("cgroup.kill", ""), ("cgroup.events", "populated 1\nfrozen 0\n"), .. files]);
    }

    /// <summary>The host's groups, where these paths are mounted: of version 2 if no controllers are named.</summary>
    public HostCgroups? Make(string[] cgroup, params (string Path, string? Controllers)[] mounts) =>
        HostCgroups.TryMake(Host, CgroupMount.Find(
            mounts.Select(m => $"1 1 0:1 / {Path.Join(_root.FullName, m.Path)} rw - {(m.Controllers is null ? "cgroup2 cgroup2 rw" : $"cgroup cgroup rw,{m.Controllers}")}"),
            cgroup));

    public string Read(string path, string file) => File.ReadAllText(Path.Combine(Path.Join(_root.FullName, path), file));

    public void Dispose() => _root.Delete(recursive: true);
}
