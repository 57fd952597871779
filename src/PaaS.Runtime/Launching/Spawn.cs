using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// posix_spawn, never fork: the child of a many-threaded runtime may run nothing of ours. The child gets a session of its
/// own, no blocked signal, every signal's default action (.NET ignores SIGPIPE, which a child would inherit), an empty
/// environment, and no descriptors but those given.
/// </summary>
internal static unsafe class Spawn
{
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    /// <summary>Room for glibc's and musl's opaque structs: at most 336 and 128 bytes.</summary>
    private const int StructSize = 1024;

    /// <summary>Starts a program.</summary>
    /// <param name="arguments">The program's absolute path and its arguments.</param>
    /// <param name="streams">Whose child ends become 0 to 3.</param>
    /// <param name="others">The descriptors that become 4, 5 and so on.</param>
    /// <param name="leadsTerminal">Whether the streams' terminal, if they have one, becomes the one that controls the session.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="ProcessStartException">The system refused.</exception>
    public static int Start(IReadOnlyList<string> arguments, StdStreams streams, IReadOnlyList<int> others, bool leadsTerminal = true) =>
        Start(arguments, [streams.ChildInput, streams.ChildOutput, streams.ChildError, streams.ChildControl, .. others], streams.Terminal?.Path, leadsTerminal);

    /// <summary>Starts a program.</summary>
    /// <param name="arguments">The program's absolute path and its arguments.</param>
    /// <param name="descriptors">The descriptors that become 0, 1, 2 and so on; a negative first one is an empty input.</param>
    /// <param name="terminal">A terminal that becomes 0, 1 and 2 instead.</param>
    /// <param name="leadsTerminal">Whether it becomes the one that controls the session.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="ProcessStartException">The system refused.</exception>
    public static int Start(IReadOnlyList<string> arguments, IReadOnlyList<int> descriptors, string? terminal = null, bool leadsTerminal = true)
    {
        var actions = stackalloc byte[StructSize];
        var attributes = stackalloc byte[StructSize];
        var signals = stackalloc byte[StructSize];
        _ = Libc.InitActions(actions);
        _ = Libc.InitAttributes(attributes);
        var argv = (byte**)NativeMemory.AllocZeroed((nuint)(arguments.Count + 1), (nuint)sizeof(byte*));
        try
        {
            for (var i = 0; i < arguments.Count; i++)
            {
                argv[i] = Copy(arguments[i]);
            }

            for (var i = 0; i < descriptors.Count; i++)
            {
                if (terminal is not null && i < 3)
                {
                    // The session is made before: the first terminal that its leader opens becomes its own.
                    _ = i == 0 ? Libc.AddOpen(actions, 0, terminal, Libc.OpenReadWrite | (leadsTerminal ? 0 : Libc.OpenNoControl), 0) : Libc.AddDuplicate(actions, 0, i);
                    continue;
                }

                _ = descriptors[i] < 0 ? Libc.AddOpen(actions, i, "/dev/null", 0, 0) : Libc.AddDuplicate(actions, descriptors[i], i);
            }

            _ = Libc.AddCloseFrom(actions, descriptors.Count);
            _ = Libc.SetFlags(attributes, SetSession | SetSignalMask | SetDefaultSignals);
            _ = Libc.EmptySignals(signals);
            _ = Libc.SetSignalMask(attributes, signals);
            _ = Libc.FillSignals(signals);
            _ = Libc.SetDefaultSignals(attributes, signals);

            int pid;
            byte* environment = null;
            var result = Libc.Spawn(&pid, arguments[0], actions, attributes, argv, &environment);
            return result == 0
                ? pid
                : throw new ProcessStartException($"{arguments[0]} could not be started: {new Win32Exception(result).Message}.");
        }
        finally
        {
            for (var i = 0; i < arguments.Count; i++)
            {
                NativeMemory.Free(argv[i]);
            }

            NativeMemory.Free(argv);
            _ = Libc.DestroyActions(actions);
            _ = Libc.DestroyAttributes(attributes);
        }
    }

    private static byte* Copy(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        _ = Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }
}
