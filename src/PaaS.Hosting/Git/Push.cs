namespace PaaS.Hosting;

/// <summary>A push that waits for the platform's verdict: one of the branches that deploy is to move to a commit.</summary>
/// <param name="App">The app.</param>
/// <param name="AppName">Its name when the push came.</param>
/// <param name="By">Who pushes.</param>
/// <param name="Ref"><c>refs/heads/main</c> or <c>refs/heads/master</c>.</param>
/// <param name="OldCommit">Where the client believes the branch to be; <see langword="null"/> if it believes there is none.</param>
/// <param name="NewCommit">The commit pushed.</param>
internal sealed record Push(AppId App, AppName AppName, Actor By, string Ref, string? OldCommit, string NewCommit);

/// <summary>Decides what becomes of pushes: builds and releases, in the host.</summary>
internal interface IPushReceiver
{
    /// <summary>Deploys a push, or says why not. The ref moves after an accepting verdict and not before.</summary>
    /// <param name="push">The push.</param>
    /// <param name="source">What was pushed.</param>
    /// <param name="output">Lines that the pushing side sees at once.</param>
    /// <param name="cancellationToken">The host stops, or the push is gone before <see cref="IPushSource.KeepObjectsAsync"/>. A client that has left is no reason.</param>
    Task<PushVerdict> ReceiveAsync(Push push, IPushSource source, PushOutput output, CancellationToken cancellationToken);
}

/// <summary>What was pushed. Usable until the receiver has returned its verdict.</summary>
internal interface IPushSource
{
    /// <summary>
    /// To be asked when the push's turn to build has come, and not earlier: from a good answer on, no other push of the app
    /// gets one until this one has ended. Waits for an accepted push before it to land.
    /// </summary>
    /// <returns>Null when the push may be built; else why not, for the client's eyes.</returns>
    ValueTask<string?> CheckStillCurrentAsync(CancellationToken cancellationToken);

    /// <summary>The commit's tree as a tar archive, exactly as committed: export-ignore and export-subst do not act. A failure of git's shows as an <see cref="IOException"/> of a read.</summary>
    ValueTask<Stream> OpenTreeAsync(CancellationToken cancellationToken);

    /// <summary>Whether the pushed commit is an ancestor's descendant, or that commit itself.</summary>
    /// <param name="ancestor">A commit of the repository or of the push.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> IsDescendantAsync(string ancestor, CancellationToken cancellationToken);

    /// <summary>Makes the pushed objects part of the repository, durably: to be called before anything is recorded that lets the ref move.</summary>
    ValueTask KeepObjectsAsync(CancellationToken cancellationToken);
}

/// <summary>What becomes of a push.</summary>
internal sealed record PushVerdict
{
    private PushVerdict(string? reason, bool isSaid)
    {
        Reason = reason;
        IsSaid = isSaid;
    }

    /// <summary>The ref may move.</summary>
    public static PushVerdict Accepted { get; } = new(null, false);

    /// <summary>Why the ref stays; null for an accepted push.</summary>
    public string? Reason { get; }

    /// <summary>Whether the ref may move.</summary>
    public bool IsAccepted => Reason is null;

    /// <summary>Whether the push's output holds the reason already.</summary>
    public bool IsSaid { get; }

    /// <summary>The ref stays.</summary>
    /// <param name="reason">Why, and how to mend it.</param>
    /// <param name="isSaid">Whether the push's output says so already; if not, it is one line.</param>
    public static PushVerdict Rejected(string reason, bool isSaid = false)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new PushVerdict(reason, isSaid);
    }
}
