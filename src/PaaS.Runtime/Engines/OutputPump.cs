using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Carries what a dyno writes into logs. Reads always: a full pipe would stop the dyno.</summary>
internal static class OutputPump
{
    private const int ReadSize = 16 * 1024;

    /// <summary>Pumps until the output ends.</summary>
    /// <param name="output">The dyno's output.</param>
    /// <param name="logs">Where each line goes.</param>
    /// <param name="process">The dyno's name.</param>
    /// <param name="cancellationToken">Stops reading; what has been read is in the log.</param>
    public static async Task RunAsync(Stream output, ImmutableArray<LogStream> logs, string process, CancellationToken cancellationToken)
    {
        var lines = new LineSplitter(Emit);
        var buffer = new byte[ReadSize];
        try
        {
            while (await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                lines.Write(buffer.AsSpan(0, count));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Given up on: somebody outside the dyno's tree holds its output open.
        }
        finally
        {
            lines.Complete();
        }

        void Emit(ReadOnlyMemory<byte> line)
        {
            foreach (var log in logs)
            {
                log.Write(LogSource.App, process, line);
            }
        }
    }
}
