namespace PaaS.Core;

/// <summary>What a launcher can enforce on this machine. What is missing here a spec may still ask for: it is then not enforced.</summary>
[Flags]
public enum ProcessIsolation
{
    /// <summary>Nothing but an environment and descriptors of its own.</summary>
    None = 0,

    /// <summary>It runs under a user id of the spec's.</summary>
    Users = 1,

    /// <summary>It sees and can signal only processes of its own tree (pid namespace).</summary>
    Processes = 1 << 1,

    /// <summary>It sees only the mounts of its spec and a read-only system (mount namespace): <see cref="ProcessSpec.Mounts"/> are taken.</summary>
    Files = 1 << 2,

    /// <summary>It has a network of its own: <see cref="ProcessNetwork.Own"/> is taken.</summary>
    Network = 1 << 3,

    /// <summary><see cref="ProcessLimits.MemoryBytes"/> holds for the whole tree.</summary>
    Memory = 1 << 4,

    /// <summary><see cref="ProcessLimits.CpuShares"/> is applied.</summary>
    Cpu = 1 << 5,

    /// <summary><see cref="ProcessLimits.Processes"/> holds for the whole tree.</summary>
    ProcessCount = 1 << 6,

    /// <summary><see cref="ProcessLimits.DiskBytes"/> is watched.</summary>
    Disk = 1 << 7,

    /// <summary>Dangerous system calls are refused (seccomp).</summary>
    SystemCalls = 1 << 8,

    /// <summary>Nothing of the tree can hide from being killed (cgroup or pid namespace).</summary>
    Tree = 1 << 9,

    /// <summary>The tree ends when the host ends, however it ends.</summary>
    DiesWithHost = 1 << 10,
}
