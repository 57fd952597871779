namespace PaaS.Hosting;

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
/// <param name="Status">How its build ended.</param>
/// <param name="Reason">Why it does not run; null if it does.</param>
internal sealed record DeployVerdict(BuildStatus Status, string? Reason)
{
    public static DeployVerdict Accepted { get; } = new(BuildStatus.Succeeded, null);

    public bool Succeeded => Status == BuildStatus.Succeeded;

    public static DeployVerdict Rejected(string reason, BuildStatus status = BuildStatus.Failed) => new(status, reason);
}
