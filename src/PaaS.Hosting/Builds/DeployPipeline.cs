using PaaS.Buildpacks;

namespace PaaS.Hosting;

/// <summary>
/// The way of new code, whether pushed or uploaded: a turn in the app's build queue, a slug, a pending release, the
/// verdict on it. Every line of output goes to whoever waits and to the app's log.
/// </summary>
internal sealed class DeployPipeline(AppServices services)
{
    public async Task<DeployVerdict> RunAsync(HostedApp hosted, Deployment deployment, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellationToken)
    {
        var record = hosted.Builds.Add(hosted.Id, deployment.By, deployment.Commit);
        return await RunAsync(hosted, deployment, record, output, cancellationToken);
    }

    public async Task<DeployVerdict> RunAsync(HostedApp hosted, Deployment deployment, BuildRecord record, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellationToken)
    {
        var lines = new BuildOutput(line =>
        {
            record.Output.Write(LogSource.Heroku, "slug-compiler", line);
            hosted.Logs.Write(LogSource.Heroku, "slug-compiler", line);
            output(line);
        });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hosted.Gone);
        try
        {
            var verdict = await QueueOrEndAsync(hosted, deployment, record, lines, ended.Token);
            record.Update(build => build with { Status = verdict.Succeeded ? BuildStatus.Succeeded : BuildStatus.Failed, Failure = verdict.Reason });
            return verdict;
        }
        catch (Exception exception)
        {
            record.Update(build => build with { Status = BuildStatus.Failed, Failure = exception is OperationCanceledException ? "The build was cancelled." : "The platform failed; see the operator's log." });
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
            return DeployVerdict.Rejected("The app was destroyed while this was being deployed.");
        }
    }

    private async Task<DeployVerdict> QueueAsync(HostedApp hosted, Deployment deployment, BuildRecord record, BuildOutput output, CancellationToken cancellationToken)
    {
        var name = deployment.Commit ?? record.Build.Id.ToString();
        var (turn, supersededBy) = await hosted.BuildQueue.EnterAsync(name, () => output.Heading("Another build of this app is running; this one is queued"), cancellationToken);
        if (supersededBy is not null)
        {
            output.Error($"superseded by {supersededBy}");
            return DeployVerdict.Rejected($"superseded by {supersededBy}");
        }

        using (turn)
        {
            if (await deployment.StillWanted(cancellationToken) is { } reason)
            {
                output.Error(reason);
                return DeployVerdict.Rejected(reason);
            }

            hosted.Logs.Write(LogSource.App, "api", $"Build started by user {deployment.By.Email}");
            var result = await BuildAsync(hosted, deployment, output, cancellationToken);
            if (result is not BuildSucceeded { Slug: var slug })
            {
                hosted.Logs.Write(LogSource.App, "api", "Build failed");
                return DeployVerdict.Rejected(result switch
                {
                    BuildRejected rejected => rejected.Reason,
                    BuildFailed failed => failed.Reason,
                    _ => "The build failed.",
                });
            }

            hosted.Logs.Write(LogSource.App, "api", "Build succeeded");
            record.Update(build => build with { Slug = slug });
            await deployment.BeforeRelease(cancellationToken);
            return await ReleaseAsync(hosted, deployment, slug, record, output, cancellationToken);
        }
    }

    private async Task<BuildResult> BuildAsync(HostedApp hosted, Deployment deployment, BuildOutput output, CancellationToken cancellationToken)
    {
        if (services.Builder is not { } builder)
        {
            const string reason = "This host builds nothing: release a slug instead.";
            output.Error(reason);
            return new BuildRejected(reason);
        }

        try
        {
            await using var source = await deployment.OpenSource(cancellationToken);
            return await builder.BuildAsync(
                new BuildRequest
                {
                    App = hosted.Id,
                    AppName = hosted.App.Name,
                    UserId = hosted.UserId,
                    Source = source,
                    StripSingleRoot = deployment.StripSingleRoot,
                    Commit = deployment.Commit,
                    ConfigVars = hosted.App.ConfigVars,
                },
                output,
                cancellationToken);
        }
        catch (IOException exception) when (exception is SourceException or OutboundException)
        {
            output.Error(exception.Message);
            return new BuildRejected(exception.Message);
        }
    }

    private async Task<DeployVerdict> ReleaseAsync(HostedApp hosted, Deployment deployment, Slug slug, BuildRecord record, BuildOutput output, CancellationToken cancellationToken)
    {
        output.Heading("Launching...");
        var declaresCommand = slug.ProcessTypes.ContainsKey(ProcessType.Release);
        if (declaresCommand)
        {
            output.Warning("Release command declared: this new release will not be available until the command succeeds.");
        }

        var outcome = await hosted.Writer.ExecuteAsync(deployment.By, new AppCommand.Deploy(slug, deployment.Ref), deployment.CommandId);
        if (!outcome.TryGet(out var recorded, out var refusal))
        {
            output.Error(refusal.Message);
            return DeployVerdict.Rejected(refusal.Message);
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
}

/// <summary>New code on its way.</summary>
internal sealed record Deployment
{
    public required Actor By { get; init; }

    public required Guid CommandId { get; init; }

    /// <summary>Opens the source: a tar or tar.gz.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> OpenSource { get; init; }

    public string? Commit { get; init; }

    /// <summary>The git ref that moves with the release.</summary>
    public string? Ref { get; init; }

    public bool StripSingleRoot { get; init; }

    /// <summary>Asked when the turn has come: null, or why it need not be built any more.</summary>
    public Func<CancellationToken, ValueTask<string?>> StillWanted { get; init; } = _ => ValueTask.FromResult<string?>(null);

    /// <summary>Makes durable what must be there before the release can succeed.</summary>
    public Func<CancellationToken, ValueTask> BeforeRelease { get; init; } = _ => ValueTask.CompletedTask;
}

/// <summary>What came of new code.</summary>
/// <param name="Succeeded">Whether it runs.</param>
/// <param name="Reason">Why not.</param>
internal sealed record DeployVerdict(bool Succeeded, string? Reason)
{
    public static DeployVerdict Accepted { get; } = new(true, null);

    public static DeployVerdict Rejected(string reason) => new(false, reason);
}
