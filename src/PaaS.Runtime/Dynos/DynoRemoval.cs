namespace PaaS.Runtime;

/// <summary>Has an engine remove what is left of a dyno, until it has: whoever follows must not meet what the engine has left alive.</summary>
internal static class DynoRemoval
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Tries at once, then after a second, two, four and so on, at last every minute.</summary>
    /// <param name="dyno">The dyno.</param>
    /// <param name="failed">Told each time what the engine threw.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ending">Gives up between two tries.</param>
    /// <returns>Whether nothing is left.</returns>
    public static async Task<bool> RunAsync(IDyno dyno, Action<Exception> failed, TimeProvider time, CancellationToken ending)
    {
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                await dyno.DisposeAsync().ConfigureAwait(false);
                return true;
            }
            catch (Exception exception)
            {
                failed(exception);
            }

            try
            {
                await Task.Delay(wait, time, ending).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
