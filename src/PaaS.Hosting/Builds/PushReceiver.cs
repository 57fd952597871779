namespace PaaS.Hosting;

/// <summary>What a git push leads to: the same way as any other new code, with the ref at its end.</summary>
internal sealed class PushReceiver(PlatformCore core) : IPushReceiver
{
    public async Task<PushVerdict> ReceiveAsync(Push push, IPushSource source, PushOutput output, CancellationToken cancellationToken)
    {
        if (!core.Directory.TryGet(push.App, out var hosted))
        {
            return PushVerdict.Rejected("The app was destroyed while the push was under way.");
        }

        output.Line("Building source:");
        output.Line(string.Empty);
        var verdict = await core.Pipeline.RunAsync(
            hosted,
            new Deployment
            {
                By = push.By,
                CommandId = Guid.NewGuid(),
                Commit = push.NewCommit,
                Ref = push.Ref,
                OpenSource = source.OpenTreeAsync,
                StillWanted = source.CheckStillCurrentAsync,
                BeforeRelease = source.KeepObjectsAsync,
            },
            output.Line,
            cancellationToken);
        if (!verdict.Succeeded)
        {
            return PushVerdict.Rejected(verdict.Reason ?? "The deploy failed.", isSaid: true);
        }

        output.Line(string.Empty);
        output.Line("Verifying deploy... done.");
        return PushVerdict.Accepted;
    }
}
