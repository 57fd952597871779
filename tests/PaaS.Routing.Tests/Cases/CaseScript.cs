using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>What the actors of one case share: names, signals to one another, and what went wrong.</summary>
internal sealed class CaseStage(string host) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new(StringComparer.Ordinal);
    private long _flooded;

    public CaseNames Names { get; } = new(host);

    /// <summary>The case is over: nobody waits any more.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Steps that did not get what they must.</summary>
    public ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>How many bytes the flood pushed out.</summary>
    public long Flooded
    {
        get => Volatile.Read(ref _flooded);
        set => Volatile.Write(ref _flooded, value);
    }

    public void Signal(string name) => Of(name).TrySetResult();

    /// <summary>Waits for a signal, no longer than the step says.</summary>
    public Task AwaitAsync(string name, TimeSpan limit) => Task.WhenAny(Of(name).Task, Task.Delay(limit, Over));

    public void End() => _over.Cancel();

    public void Dispose() => _over.Dispose();

    private TaskCompletionSource Of(string name) => _signals.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Plays the steps of one end of a connection.</summary>
/// <param name="stage">The case.</param>
/// <param name="who">Who it is, for problems.</param>
/// <param name="peer">The end of the connection.</param>
/// <param name="methods">What a client asks with.</param>
internal sealed class CaseScript(CaseStage stage, string who, CasePeer peer, IReadOnlyList<string>? methods = null)
{
    public async Task PlayAsync(IEnumerable<JsonElement> steps)
    {
        foreach (var step in steps)
        {
            await StepAsync(step);
        }
    }

    private async Task StepAsync(JsonElement step)
    {
        var limit = TimeSpan.FromMilliseconds(step.Number("timeout_ms") ?? 3000);
        var member = step.EnumerateObject().First(one => one.Name is not ("timeout_ms" or "ms_per_byte" or "stall_ms"));
        var value = member.Value;
        switch (member.Name)
        {
            case "send":
                await peer.SendAsync(stage.Names.Bytes(value), stage.Over);
                break;
            case "send_slow":
                await SendSlowlyAsync(stage.Names.Bytes(value), step.Number("ms_per_byte") ?? 1);
                break;
            case "pause_ms":
                // Silence of this length is what the case is about; so is slowness, below.
                await Task.Delay(value.GetInt32(), stage.Over);
                break;
            case "signal":
                stage.Signal(value.GetString()!);
                break;
            case "await":
                await stage.AwaitAsync(value.GetString()!, limit);
                break;
            case "close":
                peer.Close(reset: value.GetString() == "rst");
                break;
            case "half_close":
                peer.HalfClose();
                break;
            case "recv_until":
                await ReceiveUntilAsync(value.GetString()!, limit);
                break;
            case "recv_responses":
                var count = value.GetInt32();
                await peer.WaitAsync(() => HttpMessage.Responses(peer.Received, methods ?? ["GET"], peer.Ended is not null).Count(one => one.IsFinal && one.IsComplete) >= count, limit, stage.Over);
                break;
            case "recv_close":
                await peer.WaitForEndAsync(limit, stage.Over);
                break;
            case "read":
                await ReadAsync(whole: value.GetString() == "message", limit);
                break;
            case "flood":
                // On a thread of its own: one of the pool's that waits would hold up all other cases.
                stage.Flooded = await Task.Factory.StartNew(
                    () => peer.Flood(value.GetInt64(), step.Number("stall_ms") ?? 700),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
                break;
            case "stop_reading":
                peer.StopReading();
                break;
            case "resume_reading":
                peer.ResumeReading();
                break;
            default:
                throw new InvalidDataException($"The runner does not know the step '{member.Name}'.");
        }
    }

    private async Task SendSlowlyAsync(byte[] bytes, int msPerByte)
    {
        foreach (var one in bytes)
        {
            if (!await peer.SendAsync(new[] { one }, stage.Over))
            {
                return;
            }

            await Task.Delay(msPerByte, stage.Over);
        }
    }

    private async Task ReceiveUntilAsync(string pattern, TimeSpan limit)
    {
        var regex = stage.Names.Pattern(pattern);
        if (!await peer.WaitAsync(() => regex.IsMatch(Encoding.Latin1.GetString(peer.Unread.Span)), limit, stage.Over))
        {
            stage.Problems.Enqueue($"the {who} did not see '{pattern}' within {limit.TotalMilliseconds} ms");
        }
    }

    private async Task ReadAsync(bool whole, TimeSpan limit)
    {
        if (!whole)
        {
            await peer.WaitAsync(() => HttpMessage.HasHead(peer.Unread), limit, stage.Over);
            return;
        }

        if (await peer.WaitAsync(() => HttpMessage.Request(peer.Unread) is { IsComplete: true }, limit, stage.Over))
        {
            peer.Position += peer.Unread.Length - HttpMessage.Request(peer.Unread)!.Rest.Length;
        }
    }
}
