namespace PaaS.Hosting;

/// <summary>What a git command writes, as a stream: its failure is a failure of the last read, and disposing it ends the command.</summary>
internal sealed class GitOutputStream(ProcessHandle process, string what) : Stream
{
    private readonly Task<string> _error = GitText.ReadStartAsync(process.Error);
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        var length = await process.Output.ReadAsync(buffer, cancellationToken);
        if (length == 0)
        {
            var exit = await process.Exited.WaitAsync(cancellationToken);
            if (!exit.Succeeded)
            {
                throw new GitException($"{what} ended with status {exit.Status}: {await _error}");
            }

            _ended = true;
        }

        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously: the other end is a process.");

    public override async ValueTask DisposeAsync()
    {
        await process.KillTreeAsync();
        await _error;
        await process.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
