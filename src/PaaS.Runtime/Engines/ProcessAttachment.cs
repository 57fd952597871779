namespace PaaS.Runtime;

/// <summary>The pipes or the terminal of a process, which end with it.</summary>
internal sealed class ProcessAttachment(ProcessHandle process, bool isTerminal) : AsyncAttachment
{
    /// <summary>What Ctrl-D sends.</summary>
    private static readonly byte[] EndOfFile = [0x04];

    private volatile bool _inputClosed;

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
        if (isTerminal)
        {
            Write(EndOfFile, 0, EndOfFile.Length);
        }
        else
        {
            _inputClosed = true;
            process.Input.Dispose();
        }
    }
}
