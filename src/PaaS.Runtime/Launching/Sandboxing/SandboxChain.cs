using System.Collections.Immutable;
using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// The chain of a sandboxed process. Everything runs with an empty environment until the command itself.
/// <code>
/// root: the spawning thread stages the mounts -> setpriv: app's uid, no new privileges -> bwrap
/// else: unshare -> sh: mount the overlays (only if there are any)                       -> bwrap
/// bwrap, told over descriptor 4, once its process is in its group: init of the namespaces -> sh: say ready, wait for the environment -> command
/// </code>
/// </summary>
internal sealed class SandboxChain : StartChain
{
    /// <summary>bwrap's own two, which stay in the tree beside the command and what it starts.</summary>
    public const int OwnProcesses = 2;

    private const string Etc = "/etc";
    private readonly ProcessSpec _spec;
    private readonly ImmutableArray<StagedMount> _mounts;
    private readonly OwnNetwork? _network;
    private readonly DiskWatch _disks;
    private readonly string _scratch;
    private readonly List<int> _descriptors = [];
    private byte[] _settings = [];
    private int _settingsEnd = -1;
    private int _monitor;
    private int _init;
    private volatile ProcessExitReason _reason;

    private SandboxChain(IReadOnlyList<string> arguments, ProcessSpec spec, string scratch, ImmutableArray<StagedMount> mounts, OwnNetwork? network, DiskWatch disks) : base(arguments)
    {
        _spec = spec;
        _scratch = scratch;
        _mounts = mounts;
        _network = network;
        _disks = disks;
    }

    public override IReadOnlyList<int> Descriptors => _descriptors;

    /// <summary>Not the first process but the one inside.</summary>
    public override bool LeadsTerminal => false;

    public override IPAddress? Address => _network?.Address;

    public override ProcessExitReason Reason => _reason;

    /// <summary>The directories whose content counts against <see cref="ProcessLimits.DiskBytes"/>, each once: one may be mounted twice, or below another.</summary>
    public IEnumerable<string> Written
    {
        get
        {
            var written = _mounts.Where(static mount => mount.Mount.Mode != ProcessMountMode.ReadOnly)
                .Select(static mount => mount.Scratch is null ? mount.Mount.Source : mount.Upper).Distinct(StringComparer.Ordinal).ToList();
            return written.Where(path => !written.Exists(above => path.StartsWith(above + "/", StringComparison.Ordinal)));
        }
    }

    /// <summary>The first process inside, seen from outside; 0 before it is there.</summary>
    public int Init => _init;

    /// <summary>Whether the private temporary directory is the sandbox's own.</summary>
    public bool HasTemporary => !_mounts.Any(static mount => mount.Mount.Target == "/tmp");

    /// <summary>Makes what a process needs.</summary>
    /// <exception cref="ProcessStartException">It could not be made; nothing of it is left.</exception>
    public static async ValueTask<SandboxChain> CreateAsync(Sandbox sandbox, ProcessSpec spec, Guid marker)
    {
        var scratch = sandbox.ScratchOf(marker);
        var mounts = Stage(sandbox, spec, scratch);
        var arguments = Compose(sandbox, spec, mounts);
        var network = spec.Network == ProcessNetwork.Own ? sandbox.Networks?.Create() : null;
        var chain = new SandboxChain(arguments, spec, scratch, mounts, network, sandbox.Disks);
        try
        {
            foreach (var mount in mounts)
            {
                if (OperatingSystem.IsLinux())
                {
                    mount.MakeScratch(spec.UserId);
                }
            }

            chain.Prepare(sandbox);
            return chain;
        }
        catch (Exception e)
        {
            await chain.RemoveAsync().ConfigureAwait(false);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new ProcessStartException($"{spec.Label} could not be started: {e.Message}", e);
            }

            throw;
        }
    }

    public override IDisposable? Enter()
    {
        if (Libc.EffectiveUserId() != 0)
        {
            return null;
        }

        var stay = new ThreadNamespaces();
        try
        {
            if (_network is not null)
            {
                stay.EnterNetwork(_network.NamespaceDescriptor);
            }

            if (_mounts.Length > 0)
            {
                stay.EnterMounts(_mounts);
            }

            return stay;
        }
        catch
        {
            stay.Dispose();
            throw;
        }
    }

    public override void CloseChildEnds()
    {
        foreach (var descriptor in _descriptors)
        {
            _ = Libc.Close(descriptor);
        }

        _descriptors.Clear();
    }

    public override void Confirm(int pid)
    {
        _monitor = pid;
        try
        {
            Libc.WriteAll(_settingsEnd, _settings);
        }
        catch (IOException)
        {
            // It has ended, and has said why: that is found when it doesn't get ready.
        }

        CloseSettings();
        _settings = [];
    }

    public override void Started(LaunchedProcess process)
    {
        var tree = process.Group.List().Select(ProcessStat.Read).OfType<ProcessStat>().ToList();
        _init = tree.Find(p => p.Parent == _monitor).Id;

        if (_spec.Limits.DiskBytes is { } bytes)
        {
            _disks.Watch(process, this, bytes);
        }
    }

    /// <summary>bwrap's own two: the one that waits outside, and the init inside. A signal to either would be the end of all.</summary>
    public override bool Owns(int pid) => pid == _monitor || (_init != 0 && pid == _init);

    /// <summary>The launcher is about to kill it, for this.</summary>
    public void NameReason(ProcessExitReason reason) => _reason = reason;

    public override async ValueTask<bool> RemoveAsync()
    {
        CloseChildEnds();
        CloseSettings();
        var removed = false;
        try
        {
            _network?.Dispose();
        }
        finally
        {
            removed = await Task.Run(() => ScratchTree.TryRemove(_scratch)).ConfigureAwait(false);
        }

        return removed;
    }

    private static ImmutableArray<StagedMount> Stage(Sandbox sandbox, ProcessSpec spec, string scratch)
    {
        var wanted = sandbox.Toolchains.Concat(spec.Mounts.IsDefault ? [] : spec.Mounts).OrderBy(static mount => mount.Target, StringComparer.Ordinal);
        var mounts = wanted.Select((mount, i) => new StagedMount(mount, mount.Mode == ProcessMountMode.Ephemeral ? Path.Combine(scratch, $"{i}") : null)).ToList();
        if (!mounts.Exists(static mount => mount.Mount.Target == Etc || mount.Mount.Target.StartsWith(Etc + "/", StringComparison.Ordinal)))
        {
            try
            {
                mounts.Insert(0, new StagedMount(new ProcessMount(sandbox.SystemFiles.Current(), Etc), null));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProcessStartException($"{spec.Label} could not be started: {e.Message}", e);
            }
        }

        return [.. mounts];
    }

    private static List<string> Compose(Sandbox sandbox, ProcessSpec spec, ImmutableArray<StagedMount> mounts)
    {
        var arguments = StartScript.ComposeLimits(spec.Limits.Niceness, spec.Limits.OpenFiles, spec.Limits.FileSizeBytes, null, noCore: true);
        if (spec.UserId is { } user)
        {
            arguments.AddRange(StartScript.ComposeUser(user));
        }
        else
        {
            arguments.AddRange(OverlayScript.Compose(mounts));
        }

        arguments.AddRange([sandbox.Bwrap, "--args", "4", "--"]);

        // Inside, where the kernel counts the user's processes for this sandbox alone.
        arguments.AddRange(StartScript.ComposeLimits(0, null, null, sandbox.ProcessesByUser(spec.Limits)));
        if (spec.Terminal is not null)
        {
            // In a session of its own, as the terminal's leader: Ctrl-C must not reach bwrap, whose end is the end of all.
            arguments.AddRange([StartScript.Find("setsid", "util-linux"), "--ctty"]);
        }

        arguments.AddRange(StartScript.ComposeLast(spec));
        return arguments;
    }

    private void Prepare(Sandbox sandbox)
    {
        var user = _spec.UserId ?? (int)Libc.EffectiveUserId();
        var hostName = _spec.HostName ?? "localhost";
        var text = new SandboxArguments();
        text.AddWalls(user, hostName);
        text.AddSystem();
        var mounts = Enumerable.Range(0, _mounts.Length);
        if (_mounts is [{ Mount.Target: Etc, Mount.Source: var source }, ..] && sandbox.SystemFiles.Owns(source))
        {
            // Before the files of it that are the process's own.
            AddMount(text, 0);
            mounts = mounts.Skip(1);
        }
        else
        {
            text.AddSystemFiles();
        }

        var (read, write) = Libc.Pipe();
        _descriptors.Add(read);
        _settingsEnd = write;
        AddFile(text, "/etc/passwd", SandboxAccounts.Users(user, Home()));
        AddFile(text, "/etc/group", SandboxAccounts.Groups(user));
        AddFile(text, "/etc/hosts", SandboxAccounts.Hosts(hostName, _network?.Address));
        if (_network is null)
        {
            text.Add("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf");
        }
        else if (sandbox.Networks?.ResolvConf is { } servers)
        {
            AddFile(text, "/etc/resolv.conf", System.Text.Encoding.UTF8.GetBytes(servers));
        }

        text.AddOwn(sandbox.Options);
        foreach (var i in mounts)
        {
            AddMount(text, i);
        }

        text.Seal();
        if (sandbox.Filter is { } filter)
        {
            text.Add("--seccomp", Give("seccomp", filter));
        }

        _settings = text.ToArray();
    }

    private void AddMount(SandboxArguments text, int index)
    {
        var (mount, scratch) = _mounts[index];
        var source = Libc.EffectiveUserId() == 0 ? ThreadNamespaces.At(index) : scratch is null ? mount.Source : _mounts[index].Merged;
        text.Add(mount.Mode == ProcessMountMode.ReadOnly ? "--ro-bind" : "--bind", source, mount.Target);
    }

    private string Home() => _spec.Environment.TryGetValue("HOME", out var home) && home.StartsWith('/') && home.AsSpan().IndexOfAny(":\n") < 0 ? home : "/";

    private void AddFile(SandboxArguments text, string path, byte[] content) => text.Add("--perms", "0444", "--ro-bind-data", Give(Path.GetFileName(path), content), path);

    /// <summary>Hands content over in a descriptor of the chain's.</summary>
    private string Give(string name, byte[] content)
    {
        _descriptors.Add(Libc.MemoryFile(name, content));
        return (3 + _descriptors.Count).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void CloseSettings()
    {
        if (_settingsEnd >= 0)
        {
            _ = Libc.Close(_settingsEnd);
            _settingsEnd = -1;
        }
    }
}
