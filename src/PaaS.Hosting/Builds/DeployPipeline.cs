using Microsoft.Extensions.Logging;
using PaaS.Buildpacks;

namespace PaaS.Hosting;

/// <summary>
/// The way of new code, whether pushed or uploaded: a turn in the app's build queue, a slug, a pending release, the
/// verdict on it. Every line of output goes to whoever waits and to the app's log.
/// </summary>
internal sealed partial class DeployPipeline(AppServices services, SlugSweep sweep)
{
    private const string GivenUp = "The build was given up: the host stopped, or the push ended, before it had.";
    private readonly ILogger _logger = services.Loggers.CreateLogger<DeployPipeline>();

    public async Task<DeployVerdict> RunAsync(HostedApp hosted, Deployment deployment, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellationToken)
    {
        var record = await hosted.Builds.AddAsync(deployment.By, deployment.Commit);
        return await RunAsync(hosted, deployment, record, output, cancellationToken);
    }

    public async Task<DeployVerdict> RunAsync(HostedApp hosted, Deployment deployment, BuildRecord record, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellationToken)
    {
        var lines = new BuildOutput(line =>
        {
            record.Write(line);
            hosted.Logs.Write(LogSource.Heroku, "slug-compiler", line);
            output(line);
        });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hosted.Gone, record.Cancelled);
        try
        {
            var verdict = await QueueOrEndAsync(hosted, deployment, record, lines, ended.Token);
            await record.EndAsync(verdict.Status, verdict.Reason);
            return verdict;
        }
        catch (OperationCanceledException)
        {
            await record.EndAsync(BuildStatus.Abandoned, GivenUp);
            throw;
        }
        catch
        {
            await record.EndAsync(BuildStatus.Failed, "The platform failed; see the operator's log.");
            throw;
        }
    }

    private async Task<DeployVerdict> QueueOrEndAsync(HostedApp hosted, Deployment deployment, BuildRecord record, BuildOutput output, CancellationToken cancellationToken)
    {
        try
        {
            return await QueueAsync(hosted, deployment, record, output, cancellationToken);
        }
        catch (OperationCanceledException) when (hosted.Gone.IsCancellationRequested)
        {
            return Reject("The app was destroyed while this was being deployed.", output);
        }
        catch (OperationCanceledException) when (record.CancelledBy is not null)
        {
            var reason = $"The build was cancelled by user {record.CancelledBy}.";
            output.Error(reason);
            hosted.Logs.Write(LogSource.App, "api", $"Build cancelled by user {record.CancelledBy}");
            return DeployVerdict.Rejected(reason, BuildStatus.Cancelled);
        }
    }

    private async Task<DeployVerdict> QueueAsync(HostedApp hosted, Deployment deployment, BuildRecord record, BuildOutput output, CancellationToken cancellationToken)
    {
        var name = deployment.Commit ?? record.Build.Id.ToString();
        var (turn, supersededBy) = await hosted.BuildQueue.EnterAsync(name, () => output.Heading("Another build of this app is running; this one is queued"), cancellationToken);
        if (supersededBy is not null)
        {
            return Reject($"superseded by {supersededBy}", output, BuildStatus.Superseded);
        }

        using (turn)
        {
            record.Update(build => build with { Status = BuildStatus.Running });
            if (await deployment.StillWanted(cancellationToken) is { } reason)
            {
                return Reject(reason, output);
            }

            hosted.Logs.Write(LogSource.App, "api", $"Build started by user {deployment.By.Email}");
            var result = await BuildAsync(hosted, deployment, output, cancellationToken);
            if (result is not BuildSucceeded built)
            {
                hosted.Logs.Write(LogSource.App, "api", "Build failed");
                return DeployVerdict.Rejected(result switch
                {
                    BuildRejected rejected => rejected.Reason,
                    BuildFailed failed => failed.Reason,
                    _ => "The build failed.",
                });
            }

            try
            {
                hosted.Logs.Write(LogSource.App, "api", "Build succeeded");
                record.Update(build => build with { Slug = built.Slug, Buildpacks = [.. built.Buildpacks.Select(use => use.Reference)] });
                cancellationToken.ThrowIfCancellationRequested();
                if (!record.TryRelease())
                {
                    throw new OperationCanceledException(record.Cancelled);
                }

                await deployment.BeforeRelease(cancellationToken);
                return await ReleaseAsync(hosted, deployment, built, record, output, cancellationToken);
            }
            finally
            {
                await services.Slugs.UnpinAsync(built.Slug.Id);
            }
        }
    }

    private async Task<BuildResult> BuildAsync(HostedApp hosted, Deployment deployment, BuildOutput output, CancellationToken cancellationToken)
    {
        if (services.Builder is not { } builder)
        {
            return RejectBuild("This host builds nothing: release a slug instead.", output);
        }

        if (await sweep.MakeRoomAsync(cancellationToken) is { } full)
        {
            return RejectBuild(full, output);
        }

        // The cache may just be being purged.
        await hosted.CacheGate.WaitAsync(cancellationToken);
        try
        {
            await using var source = await deployment.OpenSource(cancellationToken);
            var result = await builder.BuildAsync(
                new BuildRequest
                {
                    App = hosted.Id,
                    AppName = hosted.App.Name,
                    UserId = hosted.UserId,
                    Source = source,
                    StripSingleRoot = deployment.StripSingleRoot,
                    Commit = deployment.Commit,
                    ConfigVars = hosted.App.ConfigVars,
                    Settings = hosted.App.Build,
                },
                output,
                cancellationToken);

            // One that was put is pinned by that.
            return result is BuildSucceeded { IsReused: true } reused && !await services.Slugs.TryPinAsync(reused.Slug.Id, cancellationToken)
                ? RejectBuild("The slug of the last build was removed just now to free disk space. Push again.", output)
                : result;
        }
        catch (IOException exception) when (exception is SourceException or OutboundException)
        {
            return RejectBuild(exception.Message, output);
        }
        finally
        {
            hosted.CacheGate.Release();
        }
    }

    private async Task<DeployVerdict> ReleaseAsync(HostedApp hosted, Deployment deployment, BuildSucceeded built, BuildRecord record, BuildOutput output, CancellationToken cancellationToken)
    {
        output.Heading("Launching...");
        await AddConfigVarsAsync(hosted, deployment, built, output);
        var declaresCommand = built.Slug.ProcessTypes.ContainsKey(ProcessType.Release);
        if (declaresCommand)
        {
            output.Warning("Release command declared: this new release will not be available until the command succeeds.");
        }

        var outcome = await hosted.Writer.ExecuteAsync(deployment.By, new AppCommand.Deploy(built.Slug, deployment.Ref), deployment.CommandId);
        if (!outcome.TryGet(out var recorded, out var refusal))
        {
            return Reject(refusal.Message, output);
        }

        var version = recorded.Release!.Version;
        record.Update(build => build with { Release = version });
        var waits = declaresCommand && await ShowReleaseCommandAsync(hosted, version, output, cancellationToken);
        var verdict = await hosted.Conductor.WaitAsync(version, cancellationToken);
        if (waits)
        {
            output.Line($"Waiting for release.... {(verdict.Succeeded ? "done." : "failed.")}");
        }

        if (verdict.Succeeded)
        {
            await AdoptAsync(hosted, deployment, built);
            output.Detail($"Released {version}");
            output.Detail($"{services.Addresses.WebUrl(hosted.App.Name)} deployed to PaaS");
            return DeployVerdict.Accepted;
        }

        var reason = verdict.Release.Failure ?? "The release failed.";
        output.Error($"Release {version} failed: {reason}");
        if (!verdict.LastLines.IsEmpty)
        {
            output.Detail("The last lines of its log:");
            foreach (var line in verdict.LastLines)
            {
                output.Detail(line);
            }
        }

        output.Error("The app goes on with the release before.");
        return DeployVerdict.Rejected(reason);
    }

    /// <summary>What a buildpack wants as config vars goes to an app with its first code, and never replaces what is set (Heroku: config_vars of bin/release).</summary>
    private static async Task AddConfigVarsAsync(HostedApp hosted, Deployment deployment, BuildSucceeded built, BuildOutput output)
    {
        var app = hosted.App;
        var missing = built.ConfigVars.Where(wanted => !app.ConfigVars.ContainsKey(wanted.Key)).Select(wanted => KeyValuePair.Create(wanted.Key, (string?)wanted.Value)).ToList();
        if (missing.Count == 0 || app.Releases.Exists(release => release is { Status: ReleaseStatus.Succeeded, Slug: not null }))
        {
            return;
        }

        var problem = ConfigPatch.TryCreate(missing, out var patch, out var wrong)
            ? (await hosted.Writer.ExecuteAsync(deployment.By, new AppCommand.ChangeConfig(patch), Guid.NewGuid())).Refusal?.Message
            : wrong;
        if (problem is not null)
        {
            output.Warning($"The config vars that the buildpack wants are not set: {problem}");
        }
    }

    /// <summary>Later builds use what detection found at the first deploy that succeeded.</summary>
    private async Task AdoptAsync(HostedApp hosted, Deployment deployment, BuildSucceeded built)
    {
        if (built.Detected is not { } detected)
        {
            return;
        }

        try
        {
            await hosted.Writer.ExecuteAsync(deployment.By, new AppCommand.AdoptBuildpacks([detected]), Guid.NewGuid());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The code runs: whoever deployed it has had a success, and the next build detects once more.
            Log.NotAdopted(_logger, hosted.App.Name, exception);
        }
    }

    private static DeployVerdict Reject(string reason, BuildOutput output, BuildStatus status = BuildStatus.Failed)
    {
        output.Error(reason);
        return DeployVerdict.Rejected(reason, status);
    }

    private static BuildRejected RejectBuild(string reason, BuildOutput output)
    {
        output.Error(reason);
        return new BuildRejected(reason);
    }

    /// <summary>Shows what the release command prints, until it has ended. Gives false if it never started.</summary>
    private static async Task<bool> ShowReleaseCommandAsync(HostedApp hosted, ReleaseVersion version, BuildOutput output, CancellationToken cancellationToken)
    {
        var lines = hosted.Outputs.Follow(version, () => hosted.App.Find(version) is { Status: ReleaseStatus.Pending }) is { } following
            ? await following.Started.WaitAsync(cancellationToken) ? following.Lines : null
            : hosted.Outputs.Open(version);
        if (lines is null)
        {
            return false;
        }

        output.Line("Running release command...");
        output.Line(string.Empty);
        await foreach (var line in lines.TailAsync(new LogTail { After = 0, Follow = true }, cancellationToken))
        {
            output.Line(line.Message);
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(174, LogLevel.Error, "The buildpack that was detected for {App} could not be stored; the next build detects it again")]
        public static partial void NotAdopted(ILogger logger, AppName app, Exception exception);
    }
}
