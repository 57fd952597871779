using System.Buffers;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>Keeps the beginning of a stream that is read to its end.</summary>
internal sealed class BoundedText(int maxBytes)
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private readonly Lock _gate = new();

    /// <summary>Whether there was more than is kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads to the end.</summary>
    public async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await ProgramPipe.ReadAsync(stream, buffer).ConfigureAwait(false)) > 0)
        {
            lock (_gate)
            {
                var room = Math.Min(read, maxBytes - _kept.WrittenCount);
                _kept.Write(buffer.AsSpan(0, room));
                IsCut |= room < read;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        lock (_gate)
        {
            return Encoding.UTF8.GetString(_kept.WrittenSpan);
        }
    }
}
