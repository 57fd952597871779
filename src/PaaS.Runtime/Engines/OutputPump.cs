namespace PaaS.Runtime;

/// <summary>Carries what a dyno writes into its app's log. Reads always: a full pipe would stop the dyno.</summary>
internal static class OutputPump
{
    private const int ReadSize = 16 * 1024;

    /// <summary>Pumps until the output ends.</summary>
    /// <param name="output">The dyno's output.</param>
    /// <param name="logs">The app's log.</param>
    /// <param name="process">The dyno's name.</param>
    /// <param name="cancellationToken">Stops reading; what has been read is in the log.</param>
    public static async Task RunAsync(Stream output, LogStream logs, string process, CancellationToken cancellationToken)
    {
        var lines = new LineSplitter(line => logs.Write(LogSource.App, process, line));
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
    }
}
