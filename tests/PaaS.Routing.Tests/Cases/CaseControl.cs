using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>Plays the operator's steps.</summary>
internal sealed class CaseControl(RouterRig rig, CaseApp app, CaseStage stage)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task PlayAsync(IEnumerable<JsonElement> steps)
    {
        foreach (var step in steps)
        {
            var member = step.EnumerateObject().First(one => one.Name is not "deadline_ms" and not "timeout_ms");
            switch (member.Name)
            {
                case "await":
                    await stage.AwaitAsync(member.Value.GetString()!, TimeSpan.FromMilliseconds(step.Number("timeout_ms") ?? 3000));
                    break;
                case "signal":
                    stage.Signal(member.Value.GetString()!);
                    break;
                case "drain":
                    await DrainAsync(member.Value.GetString()!, step.Number("deadline_ms"));
                    break;
                case "stop_router":
                    var stopping = rig.StopAsync(TimeSpan.FromMilliseconds(member.Value.GetProperty("grace_ms").GetInt32()));
                    await ExpectNoConnectionAsync();
                    await stopping;
                    break;
                case "expect_new_request":
                    await ExpectNewRequestAsync(member.Value.GetProperty("code").GetString()!);
                    break;
                default:
                    throw new InvalidDataException($"The runner does not know the operator's step '{member.Name}'.");
            }
        }
    }

    private async Task DrainAsync(string node, int? deadlineMs)
    {
        app.Drain(node);
        if (deadlineMs is { } deadline)
        {
            // How long the node may drain is the operator's, that is the case's, to say.
            await Task.Delay(deadline, stage.Over);
            app.Dynos.Single(dyno => dyno.Label == node).Expire();
        }
    }

    /// <summary>Within a moment nobody can connect any more, though requests go on. Only an attempt can tell.</summary>
    private async Task ExpectNoConnectionAsync()
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience)
        {
            try
            {
                (await CasePeer.ConnectAsync(rig.Port)).Dispose();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // It came just as the listening socket went.
            }

            await Task.Delay(20, stage.Over);
        }

        stage.Problems.Enqueue("a router that stops still takes connections");
    }

    private async Task ExpectNewRequestAsync(string code)
    {
        await using var peer = new CasePeer(await CasePeer.ConnectAsync(rig.Port)).Start();
        await peer.SendAsync(Encoding.Latin1.GetBytes($"GET /new HTTP/1.1\r\nHost: {stage.Names.Host}\r\n\r\n"), stage.Over);
        await peer.WaitAsync(() => HttpMessage.Responses(peer.Received, ["GET"], peer.Ended is not null).Exists(one => one.IsComplete), Limit.Unexpected, stage.Over);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stage.Over);
        late.CancelAfter(Patience);
        var line = await app.LineAsync(after: 0, "path=\"/new\"", late.Token);
        if (line is null || !line.Contains($" code={code} ", StringComparison.Ordinal))
        {
            stage.Problems.Enqueue($"a new request should end with {code}, but its line is '{line}'");
        }
    }
}
