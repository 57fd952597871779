using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// What bwrap is told, over a descriptor and never on its command line. A part of it would make a part of a sandbox, in
/// which nothing ever runs: the last link waits for its environment, which only a host that lives sends.
/// </summary>
internal sealed class SandboxArguments
{
    private static readonly ImmutableArray<string> SystemLinks = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
    private readonly ArrayBufferWriter<byte> _text = new(4096);

    /// <summary>Adds an option and its values.</summary>
    public void Add(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            _ = Encoding.UTF8.GetBytes(word, _text);
            _text.Write([(byte)0]);
        }
    }

    /// <summary>The namespaces, and what nobody inside may do.</summary>
    public void AddWalls(int user, string hostName)
    {
        Add("--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try");
        Add("--die-with-parent", "--cap-drop", "ALL");
        Add("--uid", Number(user), "--gid", Number(user), "--hostname", hostName);
        Add("--new-session");
    }

    /// <summary>The machine's programs and what they need, read-only.</summary>
    public void AddSystem()
    {
        Add("--ro-bind", "/usr", "/usr");
        foreach (var link in SystemLinks)
        {
            var directory = new DirectoryInfo(link);
            if (directory.LinkTarget is { } target)
            {
                Add("--symlink", target, link);
            }
            else if (directory.Exists)
            {
                Add("--ro-bind", link, link);
            }
        }
    }

    /// <summary>The machine's files of /etc, one by one: where something else is mounted among them.</summary>
    public void AddSystemFiles()
    {
        foreach (var path in SystemFiles.List())
        {
            Add("--ro-bind-try", path, path);
        }
    }

    /// <summary>What is made for each process: its own processes, devices and temporary files.</summary>
    public void AddOwn(SandboxLauncherOptions options)
    {
        Add("--proc", "/proc", "--dev", "/dev");
        Add("--perms", "1777", "--size", Number(options.SharedMemoryBytes), "--tmpfs", "/dev/shm", "--remount-ro", "/dev");
        Add("--perms", "1777", "--size", Number(options.TemporaryBytes), "--tmpfs", "/tmp");
        Add("--dir", "/run", "--dir", "/var", "--symlink", "../tmp", "/var/tmp");
    }

    /// <summary>Ends the list of mounts: what isn't mounted can't be written.</summary>
    public void Seal() => Add("--remount-ro", "/");

    /// <summary>The bytes for bwrap's <c>--args</c>.</summary>
    public byte[] ToArray() => _text.WrittenSpan.ToArray();

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
