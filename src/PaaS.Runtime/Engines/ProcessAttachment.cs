namespace PaaS.Runtime;

/// <summary>The pipes or the terminal of a process, which end with it.</summary>
internal sealed class ProcessAttachment(ProcessHandle process, bool isTerminal, TimeProvider time) : DynoAttachment
{
    /// <summary>What Ctrl-D sends.</summary>
    private static readonly byte[] EndOfFile = [0x04];

    /// <summary>
    /// A program that changes its terminal's mode at that moment, as a line editor does between two lines, loses the character:
    /// it is typed again for as long as there is somebody to read it.
    /// </summary>
    private static readonly TimeSpan EndOfFileInterval = TimeSpan.FromSeconds(1);

    private volatile bool _inputClosed;
    private int _endsInput;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => process.Output.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_inputClosed)
        {
            return;
        }

        try
        {
            await process.Input.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It reads no more, as `head` after its lines, or has ended; what it writes still counts. ssh drops such input, too.
            _inputClosed = true;
        }
    }

    public override void Resize(TerminalSize size)
    {
        if (isTerminal)
        {
            process.Resize(size);
        }
    }

    public override void CloseInput()
    {
        if (!isTerminal)
        {
            _inputClosed = true;
            process.Input.Dispose();
        }
        else if (Interlocked.Exchange(ref _endsInput, 1) == 0)
        {
            _ = EndInputAsync();
        }
    }

    /// <summary>Types the end until the process has ended. Never throws: a write that fails ends the input.</summary>
    private async Task EndInputAsync()
    {
        while (!_inputClosed && !process.Exited.IsCompleted)
        {
            await WriteAsync(EndOfFile).ConfigureAwait(false);
            await ((Task)process.Exited).WaitAsync(EndOfFileInterval, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
