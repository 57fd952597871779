using System.Text;
using System.Threading.Channels;
using PaaS.Runtime;

namespace PaaS.Testing;

/// <summary>The input and output of a fake dyno: what the test says comes out of it, what a client writes is kept.</summary>
public sealed class FakeDynoAttachment : DynoAttachment
{
    private readonly Channel<byte[]> _output = Channel.CreateUnbounded<byte[]>();
    private readonly Lock _gate = new();
    private readonly MemoryStream _input = new();
    private ReadOnlyMemory<byte> _rest;

    internal FakeDynoAttachment(TerminalSize? size) => Size = size;

    /// <summary>The size of its terminal; <see langword="null"/> if it has pipes.</summary>
    public TerminalSize? Size { get; private set; }

    /// <summary>Whether its input has been ended.</summary>
    public bool IsInputClosed { get; private set; }

    /// <summary>What has been written to it, as UTF-8.</summary>
    public string Input
    {
        get
        {
            lock (_gate)
            {
                return Encoding.UTF8.GetString(_input.ToArray());
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _output.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            _rest = _output.Reader.TryRead(out var next) ? next : default;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _input.Write(buffer.Span);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Resize(TerminalSize size) => Size = Size is null ? null : size;

    /// <inheritdoc/>
    public override void CloseInput() => IsInputClosed = true;

    /// <summary>Writes to the client.</summary>
    internal void Say(string text) => _output.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends the output.</summary>
    internal void End() => _output.Writer.TryComplete();
}
