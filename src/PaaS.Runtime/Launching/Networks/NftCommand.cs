using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Runtime;

/// <summary>The program <c>nft</c>, which sets the kernel's firewall.</summary>
internal sealed unsafe class NftCommand
{
    private const int Interrupted = 4;
    private static readonly string[] Places = ["/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft"];
    private readonly string _path;

    private NftCommand(string path) => _path = path;

    /// <summary>Finds it.</summary>
    /// <returns><see langword="null"/> if it isn't installed.</returns>
    public static NftCommand? Find() => Array.Find(Places, File.Exists) is { } path ? new NftCommand(path) : null;

    /// <summary>Carries a text of commands out: all of it, or nothing.</summary>
    /// <exception cref="IOException">It refused the text.</exception>
    public void Apply(string commands) => Run(commands, "-f", "-");

    /// <summary>The chains of all tables, with their hooks and policies.</summary>
    /// <exception cref="IOException">It can't read them.</exception>
    public string ListChains() => Run(string.Empty, "list", "chains");

    private string Run(string input, params string[] arguments)
    {
        // The text fits into a pipe (64 KiB) whole, so it can be written before anybody reads.
        var (inputRead, inputWrite) = Libc.Pipe();
        using (var writer = new FileStream(new SafeFileHandle(inputWrite, ownsHandle: true), FileAccess.Write, 0))
        {
            writer.Write(Encoding.ASCII.GetBytes(input));
        }

        var (outputRead, outputWrite) = Libc.Pipe();
        using var reader = new StreamReader(new FileStream(new SafeFileHandle(outputRead, ownsHandle: true), FileAccess.Read, 0));
        int pid;
        try
        {
            pid = Spawn.Start([_path, .. arguments], [inputRead, outputWrite, outputWrite]);
        }
        finally
        {
            _ = Libc.Close(inputRead);
            _ = Libc.Close(outputWrite);
        }

        var output = reader.ReadToEnd();
        var status = WaitFor(pid);
        return status == 0 ? output : throw new IOException($"{_path} {string.Join(' ', arguments)} failed with status {status}: {output.Trim()}");
    }

    private static int WaitFor(int pid)
    {
        const int byPid = 1;
        const int exited = 4;

        // siginfo_t: si_status at 24.
        var info = stackalloc byte[128];
        while (Libc.WaitId(byPid, pid, info, exited) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                // ECHILD: a program that has the system discard its children's statuses embeds us. What it printed tells.
                return error == Libc.NoChild ? 0 : throw new NetworkRefusedException("waiting for nft", error);
            }
        }

        return *(int*)(info + 24);
    }
}
