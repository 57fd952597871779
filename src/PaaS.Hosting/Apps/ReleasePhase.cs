using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>
/// Runs the release command of one app's releases: a one-off dyno <c>release.NNNN</c> with the release's own slug and config
/// vars, before any dyno of the formation runs it.
/// </summary>
/// <param name="oneOffs">Runs the dyno.</param>
/// <param name="outputs">Keeps what it prints.</param>
/// <param name="logs">The app's log.</param>
internal sealed class ReleasePhase(OneOffDynos oneOffs, ReleaseOutputs outputs, LogStream logs)
{
    /// <summary>How long a release command may take (Heroku's limit, which nobody can raise).</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromHours(1);

    /// <summary>Runs the command, if the release has one.</summary>
    /// <param name="release">The release.</param>
    /// <param name="size">The size of the dyno.</param>
    /// <param name="cancellationToken">Gives up the wait; who ends the app's one-off dynos ends this one.</param>
    /// <returns>Why the release fails; null if it goes on.</returns>
    public async Task<string?> RunAsync(Release release, DynoSize size, CancellationToken cancellationToken)
    {
        if (release.Slug is not { } slug || !slug.ProcessTypes.TryGetValue(ProcessType.Release, out var command))
        {
            return null;
        }

        logs.Write(LogSource.App, "api", $"Running release {release.Version} commands by user {release.By.Email}");
        var output = outputs.Begin(release.Version);
        try
        {
            var dyno = await oneOffs.StartAsync(
                new OneOffSpec
                {
                    Type = ProcessType.Release,
                    Release = new RunningRelease(release.Version, slug, release.ConfigVars),
                    Command = command,
                    Size = size,
                    TimeToLive = TimeLimit,
                    Output = output.Lines,
                },
                cancellationToken);
            return Judge(await dyno.Completed.WaitAsync(cancellationToken));
        }
        catch (ArgumentException exception)
        {
            // A slug that no build made may hold anything: that is its release's trouble, not the conductor's.
            return $"The release command cannot be run. {exception.Message}";
        }
        finally
        {
            await outputs.KeepAsync(release.Version);
        }
    }

    private static string? Judge(OneOffResult result) =>
        result.Succeeded ? null
        : result.Reason is { } reason ? $"The release command did not succeed. {reason}"
        : $"The release command exited with status {result.Status}.";
}
