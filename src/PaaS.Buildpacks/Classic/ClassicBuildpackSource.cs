namespace PaaS.Buildpacks;

/// <summary>Brings classic buildpacks: from a git repository, a tarball, or a folder of the machine. Every build gets a copy of its own.</summary>
/// <param name="options">Which folders, and how URLs are reached.</param>
/// <param name="time">The clock of the time limits.</param>
internal sealed class ClassicBuildpackSource(BuildOptions options, TimeProvider time) : IBuildpackSource
{
    /// <summary>How long one try to fetch may take, as on Heroku.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    /// <summary>Between tries; so there are three.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    public async ValueTask<FetchedBuildpack> FetchAsync(BuildpackReference reference, BuildContext context, CancellationToken cancellationToken)
    {
        var fetch = new BuildpackFetch(reference, context, options, time);
        for (var tries = 0; ; tries++)
        {
            try
            {
                var fetched = await OnceAsync(fetch, cancellationToken).ConfigureAwait(false);
                context.Output.Detail($"Fetched {TreeName.Shown(reference.Text)}: {(fetched.Digest.Contains(':', StringComparison.Ordinal) ? string.Empty : "commit ")}{fetched.Digest}");
                return fetched;
            }
            catch (BuildpackFetchException e) when (!e.IsFinal && tries < Pauses.Length)
            {
                await Task.Delay(Pauses[tries], time, cancellationToken).ConfigureAwait(false);
            }
            catch (BuildpackFetchException e)
            {
                throw new BuildpackUnavailableException($"The buildpack {TreeName.Shown(reference.Text)} can't be used: {e.Message}");
            }
        }
    }

    private async ValueTask<FetchedBuildpack> OnceAsync(BuildpackFetch fetch, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await fetch.RunAsync(Timeout, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BuildpackFetchException($"it was not there within {Timeout.TotalSeconds:0} seconds.", isFinal: true);
        }
    }
}

/// <summary>A try to fetch a buildpack failed. The message continues a sentence and may be shown to the app's author.</summary>
/// <param name="message">Why, and how to mend it.</param>
/// <param name="isFinal">Whether another try would end the same way.</param>
internal sealed class BuildpackFetchException(string message, bool isFinal) : Exception(message)
{
    /// <summary>Whether another try would end the same way.</summary>
    public bool IsFinal { get; } = isFinal;
}
