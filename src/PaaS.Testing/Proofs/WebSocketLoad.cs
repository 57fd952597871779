using System.Globalization;

namespace PaaS.Testing;

/// <summary>One client that opens WebSocket session after session and sends texts in each until its time is over or its dyno ends it.</summary>
internal sealed class WebSocketLoad(ZeroDowntimeOptions options, ProofTally tally, LoadClient client, Random random)
{
    /// <summary>Opens session after session until the end.</summary>
    public async Task RunAsync(string path, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await using var wire = await client.InTimeAsync(late => HttpWire.OpenAsync(options.Router, late));
                var session = new WebSocketWire(wire, random);
                await client.InTimeAsync(async late =>
                {
                    await session.ShakeHandsAsync(client, path, late);
                    return true;
                });
                await TalkAsync(session, end);
                tally.Succeed(ProofTally.WebSocket);
            }
            catch (RequestFailedException e)
            {
                tally.Fail(ProofTally.WebSocket, e, options.Time.GetUtcNow());
            }

            await client.PauseAsync(options.Pause, end);
        }
    }

    private async Task TalkAsync(WebSocketWire session, CancellationToken end)
    {
        var started = options.Time.GetTimestamp();
        for (var count = 0; !end.IsCancellationRequested && options.Time.GetElapsedTime(started) < options.WebSocketSession; count++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"message {count} {random.Next()}");
            switch (await client.InTimeAsync(late => session.EchoAsync(text, late)))
            {
                case EchoResult.Echoed:
                    tally.Echo();
                    break;
                case EchoResult.Closed:
                    CheckAge(started, "was closed");
                    tally.Close();
                    return;
                case EchoResult.Cut:
                    CheckAge(started, "was cut");
                    tally.Cut();
                    return;
                default:
                    throw new RequestFailedException(FailureCause.WrongContent, $"the WebSocket message '{text}' came back changed");
            }

            await client.PauseAsync(options.Pause, end);
        }

        await client.InTimeAsync(async late =>
        {
            await session.CloseAsync(late);
            return true;
        });
    }

    /// <summary>A dyno that is replaced keeps its sessions for the time of the drain, so one that is younger has no reason to end unasked.</summary>
    private void CheckAge(long started, string what)
    {
        var age = options.Time.GetElapsedTime(started);
        if (age < options.DrainTimeout)
        {
            throw new RequestFailedException(
                FailureCause.Reset,
                string.Create(CultureInfo.InvariantCulture, $"the WebSocket session {what} by the other side after {age.TotalSeconds:0.0} s, before the drain of {options.DrainTimeout.TotalSeconds:0.###} s could have ended it"));
        }
    }
}
