namespace PaaS.Buildpacks;

/// <summary>The pipe that a program of a build prints into.</summary>
internal static class ProgramPipe
{
    /// <summary>Reads what is there; 0 at the end.</summary>
    public static async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It was closed while something outside the tree still held it: that is its end.
            return 0;
        }
    }
}
