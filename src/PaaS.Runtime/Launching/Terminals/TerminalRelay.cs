using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>
/// A thread that copies between a terminal and a pair of pipes, whose other ends are ordinary streams: .NET can't wait for a
/// terminal. It costs nothing while nothing is written, and holds back a process whose output nobody reads.
/// </summary>
/// <remarks>
/// It ends when the process's side of the terminal is closed for good (the output then ends), or when nobody can read the output
/// any more: the terminal is then closed, and the process gets SIGHUP.
/// </remarks>
internal sealed unsafe class TerminalRelay
{
    private const int BufferSize = 16 * 1024;
    private readonly PseudoTerminal _terminal;
    private readonly int _input;
    private readonly int _output;
    private bool _inputEnded;

    private TerminalRelay(PseudoTerminal terminal, int input, int output)
    {
        _terminal = terminal;
        _input = input;
        _output = output;
    }

    /// <summary>Starts it. Terminal and descriptors are the relay's from here on.</summary>
    /// <param name="terminal">The terminal; a process must have it open already.</param>
    /// <param name="input">The pipe to read what the process is to read.</param>
    /// <param name="output">The pipe to write what the process writes.</param>
    public static void Start(PseudoTerminal terminal, int input, int output)
    {
        Libc.DontBlock(output);
        var relay = new TerminalRelay(terminal, input, output);
        new Thread(relay.Run, 256 * 1024) { IsBackground = true, Name = "PaaS terminal" }.Start();
    }

    private void Run()
    {
        var held = false;
        try
        {
            _terminal.Master.DangerousAddRef(ref held);
            Copy((int)_terminal.Master.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            // It was closed before the thread began.
        }
        finally
        {
            if (held)
            {
                _terminal.Master.DangerousRelease();
            }

            _terminal.Dispose();
            _ = Libc.Close(_input);
            _ = Libc.Close(_output);
        }
    }

    private void Copy(int master)
    {
        var entries = stackalloc Libc.PollEntry[3];
        var toProcess = new Chunk(new byte[BufferSize]);
        var toReader = new Chunk(new byte[BufferSize]);
        while (true)
        {
            // A side that has hung up is always ready: it is asked only for what can be dealt with now.
            entries[0] = new() { Descriptor = toReader.IsEmpty || !toProcess.IsEmpty ? master : -1, Wanted = Wanted(toReader, toProcess) };
            entries[1] = new() { Descriptor = toProcess.IsEmpty && !_inputEnded ? _input : -1, Wanted = Libc.PollEntry.CanRead };
            entries[2] = new() { Descriptor = _output, Wanted = toReader.IsEmpty ? (short)0 : Libc.PollEntry.CanWrite };
            if (Libc.Poll(entries, 3, -1) < 0)
            {
                continue;
            }

            if ((entries[2].Found & Libc.PollEntry.Failed) != 0 || (entries[2].Found != 0 && !toReader.TryWrite(_output)))
            {
                return;
            }

            if (entries[1].Found != 0 && !toProcess.TryRead(_input))
            {
                _inputEnded = true;
            }

            if (entries[0].Found != 0 && !toProcess.IsEmpty && !toProcess.TryWrite(master))
            {
                // Nobody will read it: what the process has still written comes before the end.
                toProcess.Clear();
                _inputEnded = true;
            }

            if (entries[0].Found != 0 && toReader.IsEmpty && !toReader.TryRead(master))
            {
                return;
            }
        }
    }

    private static short Wanted(Chunk toReader, Chunk toProcess) =>
        (short)((toReader.IsEmpty ? Libc.PollEntry.CanRead : 0) | (toProcess.IsEmpty ? 0 : Libc.PollEntry.CanWrite));

    /// <summary>Bytes on their way.</summary>
    private sealed class Chunk(byte[] bytes)
    {
        private int _start;
        private int _end;

        public bool IsEmpty => _start == _end;

        public void Clear() => _start = _end = 0;

        /// <summary>Takes in what is there; false at the end.</summary>
        public bool TryRead(int descriptor)
        {
            fixed (byte* start = bytes)
            {
                var read = Libc.Read(descriptor, start, (nuint)bytes.Length);
                var later = read < 0 && Marshal.GetLastPInvokeError() is (Libc.TryAgain or Libc.Interrupted);
                (_start, _end) = (0, (int)Math.Max(read, 0));
                return read > 0 || later;
            }
        }

        /// <summary>Writes what fits; false if nobody can ever read it.</summary>
        public bool TryWrite(int descriptor)
        {
            fixed (byte* start = bytes)
            {
                var written = Libc.Write(descriptor, start + _start, (nuint)(_end - _start));
                _start += (int)Math.Max(written, 0);
                return written >= 0 || Marshal.GetLastPInvokeError() is Libc.TryAgain or Libc.Interrupted;
            }
        }
    }
}
