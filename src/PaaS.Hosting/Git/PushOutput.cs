using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// Lines on their way to the pushing side, which git shows after <c>remote: </c>. Writing never waits: when the client reads
/// too slowly, lines are left out and counted, and the client is told how many.
/// </summary>
internal sealed class PushOutput
{
    /// <summary>How many bytes may wait for a slow client: 4 MiB.</summary>
    public const int MaxWaitingBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false));
    private long _waiting;
    private long _leftOut;
    private bool _completed;

    /// <summary>Adds a line.</summary>
    /// <param name="line">UTF-8 without a line break. The memory is free again when this returns.</param>
    public void Line(ReadOnlyMemory<byte> line)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            if (_waiting + line.Length + 1 > MaxWaitingBytes)
            {
                _leftOut++;
                return;
            }

            TellLeftOut();
            Add(line.Span);

            // Without a threshold it completes at once, and the reader goes on elsewhere.
            _ = _pipe.Writer.FlushAsync(CancellationToken.None).AsTask();
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="line">The text; a line break in it begins another line.</param>
    public void Line(string line)
    {
        foreach (var part in line.Split('\n'))
        {
            Line(Encoding.UTF8.GetBytes(part.TrimEnd('\r')));
        }
    }

    /// <summary>No line comes any more.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (!_completed)
            {
                TellLeftOut();
                _completed = true;
                _pipe.Writer.Complete();
            }
        }
    }

    /// <summary>Copies lines as they come, until the last.</summary>
    public async Task CopyToAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _pipe.Reader.ReadAsync(cancellationToken);
            foreach (var segment in result.Buffer)
            {
                await stream.WriteAsync(segment, cancellationToken);
            }

            Interlocked.Add(ref _waiting, -result.Buffer.Length);
            _pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private void TellLeftOut()
    {
        if (_leftOut > 0)
        {
            Add(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $" !     {_leftOut} lines are left out here: they came faster than the connection takes them.")));
            _leftOut = 0;
        }
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        var span = _pipe.Writer.GetSpan(line.Length + 1);
        line.CopyTo(span);
        span[line.Length] = (byte)'\n';
        _pipe.Writer.Advance(line.Length + 1);
        Interlocked.Add(ref _waiting, line.Length + 1);
    }
}
