using System.Collections.Concurrent;

namespace PaaS.Hosting.Tests;

/// <summary>Does with each push what the test says.</summary>
internal sealed class ScriptedReceiver : IPushReceiver
{
    public delegate Task<PushVerdict> Script(Push push, IPushSource source, PushOutput output, CancellationToken cancellationToken);

    public ConcurrentQueue<Push> Pushes { get; } = new();

    public Script OnPush { get; set; } = async (_, source, _, cancellationToken) =>
    {
        if (await source.CheckStillCurrentAsync(cancellationToken) is { } reason)
        {
            return PushVerdict.Rejected(reason);
        }

        await source.KeepObjectsAsync(cancellationToken);
        return PushVerdict.Accepted;
    };

    public Task<PushVerdict> ReceiveAsync(Push push, IPushSource source, PushOutput output, CancellationToken cancellationToken)
    {
        Pushes.Enqueue(push);
        return OnPush(push, source, output, cancellationToken);
    }
}
