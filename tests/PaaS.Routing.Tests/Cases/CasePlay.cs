using System.Diagnostics;
using System.Net.Security;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>Plays one case against a router: its nodes, its clients and its operator.</summary>
internal sealed class CasePlay : IAsyncDisposable
{
    /// <summary>How long everything is left alone after the client's last step: what should not happen has its chance. That nothing comes is no event to wait for.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(350);

    /// <summary>How long what should happen may take beyond that on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>How long the next of concurrent clients waits at most for the one before.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(25);

    private readonly RouterRig _rig;
    private readonly RouterCase _case;
    private readonly bool _isInPieces;
    private readonly CaseStage _stage;
    private readonly CaseDynos _dynos;
    private readonly CaseApp _app;
    private readonly List<CasePeer> _clients = [];
    private RawHttp2Client? _http2;
    private RawHttp2Stream[] _streams = [];

    private CasePlay(RouterRig rig, CaseRun run)
    {
        (_rig, _case, _isInPieces) = (rig, run.Case, run.IsInPieces);
        _stage = new CaseStage(run.Host);
        _dynos = CaseDynos.Start(_stage, _case.Nodes(), _isInPieces);
        _app = new CaseApp(rig, _case, _stage, _dynos.Endpoints);
    }

    private IReadOnlyList<string> Methods => _case.Client.Find("methods") is { } methods ? [.. methods.EnumerateArray().Select(method => method.GetString()!)] : ["GET"];

    /// <summary>Plays a case.</summary>
    /// <returns>What is not as it expects; nothing if all is.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(RouterRig rig, CaseRun run)
    {
        var one = run.Case;
        await using var play = new CasePlay(rig, run);
        var control = new CaseControl(rig, play._app, play._stage).PlayAsync(one.Control);
        var watch = Stopwatch.StartNew();
        await play.PlayClientsAsync();
        var elapsed = watch.Elapsed;
        await control.WaitAsync(Limit.Unexpected);
        await Task.Delay(Settling);
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            // Before the look: what comes to pass during it is not missed.
            var change = play.ChangeAsync(late.Token);
            var isLate = late.IsCancellationRequested;
            var outcome = await play.LookAsync(elapsed);
            var problems = CaseCheck.Problems(one.Expect, play._stage.Names, outcome).Concat(CaseLogCheck.CountProblems(outcome)).ToList();
            if (problems.Count == 0 || isLate)
            {
                await late.CancelAsync();
                return problems;
            }

            await change;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stage.End();
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        if (_http2 is not null)
        {
            await _http2.DisposeAsync();
        }

        await _dynos.DisposeAsync();
        await _app.RemoveAsync();
        _stage.Dispose();
    }

    /// <summary>Completes when there is something new to see: bytes, an end, a connection, a router line. Or when it is too late.</summary>
    private Task<Task> ChangeAsync(CancellationToken late)
    {
        List<Task> changes = [_dynos.Connected, _app.LineAsync(_app.LastLine, string.Empty, late), .. _clients.Select(peer => peer.Changed), .. _dynos.Connections.Select(one => one.Peer.Changed)];
        if (_http2 is not null)
        {
            changes.AddRange(_streams.Select(stream => stream.Ended).Append(_http2.Closed).Where(end => !end.IsCompleted));
        }

        return Task.WhenAny(changes);
    }

    private async Task PlayClientsAsync()
    {
        var client = _case.Client;
        if (_case.Protocol == "h2")
        {
            await PlayStreamsAsync(client);
        }
        else if (client.Number("repeat") is { } repeat)
        {
            for (var i = 0; i < repeat; i++)
            {
                await using var peer = await ConnectAsync();
                await PlayStepsAsync(peer, client);
            }
        }
        else
        {
            // One begins shortly after the other, so that a quick node has its chance to answer before all are there.
            var plays = new List<Task>();
            for (var i = 0; i < (client.Number("concurrent") ?? 1); i++)
            {
                plays.Add(PlayStepsAsync(await ConnectAsync(), client));
                await Task.WhenAny(plays[^1], Task.Delay(Apart));
            }

            await Task.WhenAll(plays);
        }
    }

    private async Task PlayStepsAsync(CasePeer peer, JsonElement client)
    {
        var script = new CaseScript(_stage, "client", peer, Methods);
        if (client.Find("steps") is { } steps)
        {
            await script.PlayAsync(steps.EnumerateArray());
            return;
        }

        // A request and its response.
        await peer.SendAsync(_stage.Names.Bytes(client.GetProperty("raw")), _stage.Over);
        await script.PlayAsync([JsonElement.Parse("""{"recv_responses": 1}""")]);
    }

    private async Task<CasePeer> ConnectAsync()
    {
        var isTls = _case.Protocol == "https";
        var socket = await CasePeer.ConnectAsync(isTls ? _rig.TlsPort : _rig.Port);
        var serverName = _case.Client.Text("sni") ?? _stage.Names.Host;
        var peer = new CasePeer(socket, isTls ? await RawHttp2Client.OpenTlsAsync(socket, serverName, SslApplicationProtocol.Http11) : null) { SendsInPieces = _isInPieces }.Start();
        _clients.Add(peer);
        return peer;
    }

    private async Task PlayStreamsAsync(JsonElement client)
    {
        var socket = await CasePeer.ConnectAsync(_rig.TlsPort);
        _http2 = await RawHttp2Client.ConnectAsync(socket, client.Text("sni") ?? _stage.Names.Host);
        var streams = new List<RawHttp2Stream>();
        foreach (var stream in client.GetProperty("streams").EnumerateArray())
        {
            var headers = stream.GetProperty("headers").EnumerateArray().Select(pair => (pair[0].GetString()!, _stage.Names.Text(pair[1].GetString()!)));
            streams.Add(await _http2.BeginAsync(headers, stream.Find("body") is { } body ? _stage.Names.Bytes(body) : null));
        }

        _streams = [.. streams];
        if (client.Number("reset_after_ms") is { } after)
        {
            // A client that gives up after so long is what the case is about.
            await Task.Delay(after);
            foreach (var stream in streams)
            {
                await _http2.ResetAsync(stream);
            }

            return;
        }

        await Task.WhenAny(Task.WhenAll(streams.Select(stream => stream.Ended)), Task.Delay(3000));
    }

    private async Task<CaseOutcome> LookAsync(TimeSpan elapsed) => new()
    {
        Clients = _http2 is null
            ? [.. _clients.Select(peer => CaseClientView.Of(peer, Methods))]
            : [new CaseClientView([.. _streams.SelectMany(Responses)], string.Empty, _http2.IsOpen)],
        Connections = [.. _dynos.Connections.Select(one => (one.Node, one.Peer.Received, one.Peer.Ended is null))],
        Lines = await _app.LinesAsync(),
        Elapsed = elapsed,
        Attempts = node => _rig.Selector.TimesChosen(_dynos.Endpoints.Single(dyno => dyno.Label == node)),
        StreamErrors = [.. _streams.Where(stream => stream.Ended.IsCompleted && stream.Error is not null).Select(stream => stream.Error!)],
        OperatorRequests = _case.Control.Count(step => step.Find("expect_new_request") is not null),
        Flooded = _stage.Flooded,
        Problems = [.. _stage.Problems],
    };

    private static IEnumerable<HttpMessage> Responses(RawHttp2Stream stream)
    {
        var isEnded = stream.Ended.IsCompleted;
        var blocks = stream.Blocks.ToArray();
        for (var i = 0; i < blocks.Length; i++)
        {
            var status = int.Parse(blocks[i].First(header => header.Name == ":status").Value, provider: null);
            if (status < 200)
            {
                yield return HttpMessage.OfStream(status, blocks[i], [], [], isComplete: true);
                continue;
            }

            yield return HttpMessage.OfStream(status, blocks[i], isEnded ? stream.Body.ToArray() : [], i + 1 < blocks.Length ? blocks[i + 1] : [], isEnded && stream.Error is null);
            yield break;
        }
    }
}
