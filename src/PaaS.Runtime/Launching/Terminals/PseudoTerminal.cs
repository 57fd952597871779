using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Runtime;

/// <summary>A terminal without a screen: the process has one side, the host the other.</summary>
internal sealed unsafe class PseudoTerminal : IDisposable
{
    private const int Utf8Input = 0x4000;

    private PseudoTerminal(SafeFileHandle master, string path)
    {
        Master = master;
        Path = path;
    }

    /// <summary>The host's side; reads and writes return at once.</summary>
    public SafeFileHandle Master { get; }

    /// <summary>The process's side, such as <c>/dev/pts/3</c>.</summary>
    public string Path { get; }

    /// <summary>Makes one: echo and line editing on, as a new terminal has them, and UTF-8.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="user">Who owns the process's side; <see langword="null"/> for the host's user.</param>
    /// <exception cref="IOException">The system has none left.</exception>
    public static PseudoTerminal Open(TerminalSize size, int? user)
    {
        var descriptor = Libc.OpenTerminal(Libc.OpenReadWrite | Libc.OpenNoControl | Libc.OpenCloseOnExec);
        Libc.ThrowIf(descriptor < 0, "posix_openpt");
        var master = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            Libc.ThrowIf(Libc.GrantTerminal(descriptor) != 0, "grantpt");
            Libc.ThrowIf(Libc.UnlockTerminal(descriptor) != 0, "unlockpt");
            Libc.DontBlock(descriptor);
            var terminal = new PseudoTerminal(master, NameOf(descriptor));
            terminal.Resize(size);
            ExpectUtf8(descriptor);

            // So that a program may open its terminal again by name.
            if (user is { } owner)
            {
                Libc.ThrowIf(Libc.ChangeOwner(terminal.Path, (uint)owner, (uint)owner) != 0, $"lchown of {terminal.Path}");
            }

            return terminal;
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    /// <summary>Changes the size; the foreground process gets SIGWINCH. Nothing happens once it is closed.</summary>
    public void Resize(TerminalSize size)
    {
        var held = false;
        try
        {
            Master.DangerousAddRef(ref held);
            var window = stackalloc ushort[4] { size.Rows, size.Columns, 0, 0 };
            Libc.ThrowIf(Libc.DeviceControl((int)Master.DangerousGetHandle(), Libc.SetTerminalSize, window) != 0, "ioctl TIOCSWINSZ");
        }
        catch (ObjectDisposedException)
        {
            // The process ended meanwhile.
        }
        finally
        {
            if (held)
            {
                Master.DangerousRelease();
            }
        }
    }

    public void Dispose() => Master.Dispose();

    private static string NameOf(int master)
    {
        var name = stackalloc byte[64];
        Libc.ThrowIf(Libc.TerminalName(master, name, 64) != 0, "ptsname_r");
        return Encoding.ASCII.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
    }

    /// <summary>The erase key then takes away a character and not a byte.</summary>
    private static void ExpectUtf8(int master)
    {
        // termios as the kernel has it: 36 bytes, input flags first.
        var mode = stackalloc int[16];
        Libc.ThrowIf(Libc.DeviceControl(master, Libc.GetTerminalMode, mode) != 0, "ioctl TCGETS");
        mode[0] |= Utf8Input;
        Libc.ThrowIf(Libc.DeviceControl(master, Libc.SetTerminalMode, mode) != 0, "ioctl TCSETS");
    }
}
