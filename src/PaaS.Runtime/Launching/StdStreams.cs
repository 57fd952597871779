using System.IO.Pipes;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Runtime;

/// <summary>
/// Our ends of a child's pipes, and the socket over which it gets its environment. Pipes, not sockets, for what the
/// command sees: a program may open /dev/stdout again, which a socket refuses. .NET reads both through its one event
/// loop: a silent process costs no thread.
/// </summary>
internal sealed class StdStreams : IAsyncDisposable
{
    private readonly List<int> _childEnds = [];

    private StdStreams(ProcessSpec spec)
    {
        ChildInput = -1;
        try
        {
            Terminal = spec.Terminal is { } size ? PseudoTerminal.Open(size, spec.UserId) : null;
            (Output, ChildOutput) = OpenReader();
            ChildError = ChildOutput;
            if (spec.SeparateError && Terminal is null)
            {
                (Error, ChildError) = OpenReader();
            }

            if (spec.RedirectInput || Terminal is not null)
            {
                var (read, write) = Libc.Pipe();
                Input = Stream(PipeDirection.Out, write);
                ChildInput = Keep(read);
            }

            var (first, second) = Libc.SocketPair();
            ChildControl = Keep(second);
            Control = new Socket(new SafeSocketHandle(first, ownsHandle: true));
        }
        catch
        {
            CloseChildEnds();
            Terminal?.Dispose();
            Output?.Dispose();
            Error?.Dispose();
            Input?.Dispose();
            throw;
        }
    }

    public AnonymousPipeClientStream Output { get; }

    public AnonymousPipeClientStream? Error { get; }

    public AnonymousPipeClientStream? Input { get; }

    public Socket Control { get; }

    /// <summary>What the process has instead of pipes; these then end in a <see cref="TerminalRelay"/>.</summary>
    public PseudoTerminal? Terminal { get; }

    public int ChildInput { get; }

    public int ChildOutput { get; }

    public int ChildError { get; }

    public int ChildControl { get; }

    /// <summary>Opens what a spec asks for.</summary>
    /// <exception cref="ProcessStartException">The host has no descriptors left.</exception>
    public static StdStreams Open(ProcessSpec spec)
    {
        try
        {
            return new StdStreams(spec);
        }
        catch (IOException e)
        {
            throw new ProcessStartException($"{spec.Label} could not be started: {e.Message} Raise the host's limit of open files.", e);
        }
    }

    /// <summary>The child has been started and has what is its.</summary>
    public void Begin()
    {
        if (Terminal is not null)
        {
            _childEnds.Remove(ChildInput);
            _childEnds.Remove(ChildOutput);
            TerminalRelay.Start(Terminal, ChildInput, ChildOutput);
        }

        CloseChildEnds();
    }

    /// <summary>Closes what the child has now got: only then does the end of the child end a stream.</summary>
    public void CloseChildEnds()
    {
        foreach (var descriptor in _childEnds)
        {
            _ = Libc.Close(descriptor);
        }

        _childEnds.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        CloseChildEnds();
        Terminal?.Dispose();
        Control.Dispose();
        await Output.DisposeAsync().ConfigureAwait(false);
        if (Error is not null)
        {
            await Error.DisposeAsync().ConfigureAwait(false);
        }

        if (Input is not null)
        {
            await Input.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static AnonymousPipeClientStream Stream(PipeDirection direction, int descriptor) =>
        new(direction, new SafePipeHandle(descriptor, ownsHandle: true));

    private (AnonymousPipeClientStream Ours, int Childs) OpenReader()
    {
        var (read, write) = Libc.Pipe();
        return (Stream(PipeDirection.In, read), Keep(write));
    }

    private int Keep(int descriptor)
    {
        _childEnds.Add(descriptor);
        return descriptor;
    }
}
