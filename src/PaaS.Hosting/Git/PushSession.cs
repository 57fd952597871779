using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// One push on the host's side, from the hook's question to the ref's move:
/// <code>
/// hook asks -> rules -> receiver builds and releases (lines go to the client) -> verdict -> hook ends -> git moves the ref -> landed
/// </code>
/// Until the receiver has kept the objects the push needs its git; from then on it is the platform's and goes on without.
/// </summary>
internal sealed partial class PushSession : IDisposable
{
    private readonly GitRepositories _repositories;
    private readonly IPushReceiver _receiver;
    private readonly GitAccess _access;
    private readonly AppTraffic _traffic;
    private readonly ILogger _logger;
    private readonly PushOutput _output = new();
    private Push? _push;
    private PushSource? _source;
    private PushVerdict? _verdict;

    public PushSession(GitRepositories repositories, IPushReceiver receiver, GitAccess access, AppTraffic traffic, ILogger logger)
    {
        (_repositories, _receiver, _access, _traffic, _logger) = (repositories, receiver, access, traffic, logger);
    }

    /// <summary>Answers the hook.</summary>
    /// <param name="channel">The way to it.</param>
    /// <param name="asked">Called when git has received and checked everything and the hook has asked.</param>
    /// <param name="gitEnded">git has ended: nobody waits for the answer any more.</param>
    /// <param name="stopping">The host stops.</param>
    public async Task RunAsync(HookChannel channel, Action asked, CancellationToken gitEnded, CancellationToken stopping)
    {
        PushRequest request;
        try
        {
            request = await channel.ReadRequestAsync(gitEnded);
        }
        catch (OperationCanceledException)
        {
            // git refused the push by itself, or the client never sent one.
            return;
        }

        asked();
        var relay = RelayAsync(channel, gitEnded);
        _verdict = await DecideAsync(request, gitEnded, stopping);
        if (_verdict.Reason is { } reason)
        {
            _output.Line(string.Empty);
            _output.Line(_verdict.IsSaid ? " !     Push failed" : $" !     Push rejected: {reason}");
            _output.Line(string.Empty);
            _output.Line($"!\tPush rejected to {_access.AppName}.");
            _output.Line(string.Empty);
        }

        _output.Complete();
        await relay;
        await channel.AnswerAsync(_verdict.IsAccepted);
    }

    /// <summary>To be called when git has ended: an accepted push stands where it was accepted, even if git could not move the ref.</summary>
    public async Task LandAsync(CancellationToken cancellationToken)
    {
        if (_verdict is not { IsAccepted: true } || _push is not { } push
            || await _repositories.ReadRefAsync(push.App, push.Ref, cancellationToken) == push.NewCommit)
        {
            return;
        }

        var moved = await _repositories.MoveRefAsync(push.App, push.Ref, push.NewCommit, cancellationToken);
        Log.MovedByHost(_logger, push.Ref, push.AppName, push.NewCommit, moved);
    }

    public void Dispose() => _source?.Dispose();

    private async Task RelayAsync(HookChannel channel, CancellationToken gitEnded)
    {
        try
        {
            await channel.RelayAsync(_output, gitEnded);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads any more.
        }
    }

    private async Task<PushVerdict> DecideAsync(PushRequest request, CancellationToken gitEnded, CancellationToken stopping)
    {
        if (PushRules.Refuse(request) is { } refusal)
        {
            return PushVerdict.Rejected(refusal);
        }

        var update = request.Updates[0];
        _push = new Push(_access.App, _access.AppName, _access.By, update.Ref, update.Old, update.New!);
        _source = new PushSource(_repositories, _traffic, _push, _repositories.PathOf(_access.App), request.Quarantine);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var registration = gitEnded.UnsafeRegister(_ => CancelUnlessKept(giveUp), null);
        try
        {
            return await AskReceiverAsync(_push, _source, giveUp.Token);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            return PushVerdict.Rejected(stopping.IsCancellationRequested
                ? "the platform is stopping. Push again when it is back."
                : "git ended before the push was decided. Push again.");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The hook must get an answer whatever fails; the cause is the operator's to see.
            Log.Failed(_logger, _push.AppName, exception);
            return PushVerdict.Rejected("the platform failed on this push. Its operator's log says why.");
        }
    }

    private async Task<PushVerdict> AskReceiverAsync(Push push, PushSource source, CancellationToken cancellationToken)
    {
        var kind = await source.KindAsync(cancellationToken);
        if (kind != "commit")
        {
            return PushVerdict.Rejected($"{PushRules.Short(push.Ref)} must be a commit, and {push.NewCommit[..12]} is a {kind}. Push a branch.");
        }

        var (submodules, first) = await source.FindSubmodulesAsync(cancellationToken);
        if (first is not null)
        {
            _output.Line($" !     Submodules are not fetched: {PushRules.Shown(first)}{(submodules > 1 ? $" and {submodules - 1} more" : string.Empty)} will be empty.");
            _output.Line(" !     To deploy their files, commit them to the repository itself.");
        }

        var verdict = await _receiver.ReceiveAsync(push, source, _output, cancellationToken);
        if (verdict.IsAccepted)
        {
            await PrepareLandingAsync(source);
        }

        return verdict;
    }

    private async Task PrepareLandingAsync(PushSource source)
    {
        try
        {
            await source.PrepareLandingAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ProcessStartException)
        {
            // What was released stays released. If git now refuses the ref, the host moves it when git has ended.
            Log.NotPrepared(_logger, _access.AppName, exception);
        }
    }

    private void CancelUnlessKept(CancellationTokenSource giveUp)
    {
        if (_source is not { Kept: true })
        {
            giveUp.Cancel();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(160, LogLevel.Error, "A push to {App} failed")]
        public static partial void Failed(ILogger logger, AppName app, Exception exception);

        [LoggerMessage(161, LogLevel.Warning, "git did not move {Ref} of {App} to {Commit}, which was released; moved by the host: {Moved}")]
        public static partial void MovedByHost(ILogger logger, string @ref, AppName app, string commit, bool moved);

        [LoggerMessage(162, LogLevel.Warning, "The ref of {App} could not be made ready for git's update")]
        public static partial void NotPrepared(ILogger logger, AppName app, Exception exception);
    }
}
