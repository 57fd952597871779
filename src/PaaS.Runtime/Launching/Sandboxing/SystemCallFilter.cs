using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>
/// The calls that nothing in a sandbox may make, as classic BPF for bwrap's <c>--seccomp</c>: what changes mounts and
/// namespaces, looks into other processes, loads code into the kernel, or reaches parts of it that are no dyno's business.
/// They fail with EPERM. A program of another instruction set (32 bits) is killed: its numbers mean other calls.
/// </summary>
internal static class SystemCallFilter
{
    private const uint RefuseWithError = 0x0005_0001;
    private const uint Kill = 0x8000_0000;
    private const uint Allow = 0x7fff_0000;
    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort Return = 0x06;
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;

    // AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK. Of the others some know no network namespace, as AF_ALG (the kernel's ciphers) and
    // AF_VSOCK (the hypervisor), and all are seldom used code of the kernel's.
    private static readonly uint[] AllowedFamilies = [1, 2, 10, 16];

    // Numbers from 424 on are the same everywhere: io_uring, the new mount calls, mount_setattr, quotactl_fd.
    private static readonly uint[] CommonCalls = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443];

    // mount, umount2, pivot_root, ptrace, process_vm_readv and _writev, keyctl, add_key, request_key, bpf, userfaultfd,
    // perf_event_open, unshare, setns, kexec_load and _file_load, init_, finit_ and delete_module, open_by_handle_at,
    // name_to_handle_at, swapon, swapoff, reboot, acct, quotactl, syslog, lookup_dcookie; iopl and ioperm on x86-64.
    private static readonly uint[] X64Calls = [165, 166, 155, 101, 310, 311, 250, 248, 249, 321, 323, 298, 272, 308, 246, 320, 175, 313, 176, 304, 303, 167, 168, 169, 163, 179, 103, 212, 172, 173];
    private static readonly uint[] Arm64Calls = [40, 39, 41, 117, 270, 271, 219, 217, 218, 280, 282, 241, 97, 268, 104, 294, 105, 273, 106, 265, 264, 224, 225, 142, 89, 60, 116, 18];

    /// <summary>The filter; <see langword="null"/> on an architecture whose numbers it doesn't know.</summary>
    public static byte[]? Compose(Architecture architecture) => architecture switch
    {
        Architecture.X64 => Compose(0xC000_003E, 41, 53, [.. X64Calls, .. CommonCalls], refuseX32: true),
        Architecture.Arm64 => Compose(0xC000_00B7, 198, 199, [.. Arm64Calls, .. CommonCalls], refuseX32: false),
        _ => null,
    };

    private static byte[] Compose(uint architecture, uint socket, uint socketPair, uint[] calls, bool refuseX32)
    {
        var program = new List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)>
        {
            (Load, 0, 0, ArchitectureOffset),
            (JumpIfEqual, 1, 0, architecture),
            (Return, 0, 0, Kill),
            (Load, 0, 0, NumberOffset),
        };

        // Behind the calls stand: allow, refuse, then the look at a socket's family, which ends in the same two.
        var x32 = refuseX32 ? 1 : 0;
        for (var i = 0; i < calls.Length + x32; i++)
        {
            // What is left of the list, the two lines about sockets and the allowance.
            var toRefusal = (byte)(calls.Length + x32 - i - 1 + 3);
            program.Add(i < calls.Length ? (JumpIfEqual, toRefusal, (byte)0, calls[i]) : (JumpIfAtLeast, toRefusal, (byte)0, 0x4000_0000u));
        }

        program.Add((JumpIfEqual, 3, 0, socket));
        program.Add((JumpIfEqual, 2, 0, socketPair));
        program.Add((Return, 0, 0, Allow));
        program.Add((Return, 0, 0, RefuseWithError));
        program.Add((Load, 0, 0, FirstArgumentOffset));
        for (var i = 0; i < AllowedFamilies.Length; i++)
        {
            program.Add((JumpIfEqual, (byte)(AllowedFamilies.Length - i), 0, AllowedFamilies[i]));
        }

        program.Add((Return, 0, 0, RefuseWithError));
        program.Add((Return, 0, 0, Allow));
        return Write(program);
    }

    private static byte[] Write(List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)> program)
    {
        var bytes = new byte[program.Count * 8];
        for (var i = 0; i < program.Count; i++)
        {
            var line = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(line, program[i].Code);
            line[2] = program[i].IfTrue;
            line[3] = program[i].IfFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(line[4..], program[i].Value);
        }

        return bytes;
    }
}
