using System.Globalization;

namespace PaaS.Testing;

/// <summary>
/// Proves, or disproves, that changes of an app fail no request: a load that counts every single one (GETs on connections kept
/// alive, uploads of known and unknown length, slow answers, WebSocket sessions) while the app is deployed, reconfigured, rolled
/// back, scaled or restarted.
/// </summary>
/// <param name="options">What to ask.</param>
/// <remarks>
/// A request fails if it gets no connection, no answer, one with another status than 200 to 399, half of one, or a wrong one. A
/// WebSocket session fails if its handshake is refused, a message comes back changed or not at all, or it ends unasked before it is
/// as old as the drain; one that ends because its dyno is stopped after the drain is opened again and counted apart.
/// </remarks>
public sealed class ZeroDowntimeProof(ZeroDowntimeOptions options)
{
    private static readonly TimeSpan s_echoProbe = TimeSpan.FromSeconds(5);

    private readonly ZeroDowntimeOptions _options = Valid(options);
    private readonly ProofTally _tally = new();

    /// <summary>Puts the load on as long as the changes are made, and finishes the requests under way.</summary>
    /// <param name="changes">Makes the changes, or waits; it returns when the load may end. What it throws is thrown, after the load has ended.</param>
    /// <param name="cancellationToken">Ends the load early; the report is of what was asked until then. Also given to the changes.</param>
    /// <returns>What became of every request.</returns>
    /// <exception cref="ZeroDowntimeException">The app does not answer as it should before anything was changed.</exception>
    public async Task<ZeroDowntimeReport> RunAsync(Func<CancellationToken, Task> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var loads = await ProbeAsync();
        var started = _options.Time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = loads.SelectMany(load => Enumerable.Range(0, _options.Concurrency).Select(_ => Task.Run(() => load(end.Token), CancellationToken.None))).ToArray();
        try
        {
            // A client that broke would leave the proof without its requests.
            var changing = changes(cancellationToken);
            await await Task.WhenAny([changing, .. clients]);
            await changing;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended early: what was counted until then is reported.
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(clients);
        }

        return _tally.Report(_options.Time.GetElapsedTime(started));
    }

    private static ZeroDowntimeOptions Valid(ZeroDowntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Concurrency, 100);
        if (options.Host.Length == 0 || options.Host.Any(static c => c is <= ' ' or >= (char)127))
        {
            throw new ArgumentException($"'{options.Host}' is no host name.", nameof(options));
        }

        foreach (var path in new[] { options.Path, options.UploadPath, options.SlowPath, options.WebSocketPath })
        {
            if (path is not null && (!path.StartsWith('/') || path.Any(static c => c is <= ' ' or >= (char)127)))
            {
                throw new ArgumentException($"'{path}' is no path: it starts with / and has no blanks; others than ASCII characters are percent-encoded.", nameof(options));
            }
        }

        return options;
    }

    /// <summary>Finds out, one request each, what the app can be asked.</summary>
    private async Task<List<Func<CancellationToken, Task>>> ProbeAsync()
    {
        var client = Client();
        var loads = new List<Func<CancellationToken, Task>>();
        await ProbeGetAsync(client, _options.Path);
        Add(ProofTally.Get, (one, wire, late) => one.GetAsync(wire, _options.Path, late));

        var upload = _options.UploadPath ?? _options.Path;
        if (await ProbeUploadAsync(client, upload) is { } checkDigest)
        {
            Add(ProofTally.Upload, (one, wire, late) => one.UploadAsync(wire, upload, checkDigest, late));
        }

        if (_options.SlowPath is { } slow)
        {
            await ProbeGetAsync(client, slow);
            Add(ProofTally.Slow, (one, wire, late) => one.GetAsync(wire, slow, late));
        }

        var socket = _options.WebSocketPath ?? _options.Path;
        if (await ProbeWebSocketAsync(client, socket))
        {
            _tally.Add(ProofTally.WebSocket);
            loads.Add(end => new WebSocketLoad(_options, _tally, Client(), Random.Shared).RunAsync(socket, end));
        }

        return loads;

        void Add(string kind, Func<LoadClient, HttpWire, CancellationToken, Task<bool>> ask)
        {
            _tally.Add(kind);
            loads.Add(end =>
            {
                var one = Client();
                return one.RunAsync(kind, (wire, late) => ask(one, wire, late), end);
            });
        }
    }

    private LoadClient Client() => new(_options, _tally, Random.Shared);

    private async Task ProbeGetAsync(LoadClient client, string path)
    {
        try
        {
            await WithWireAsync(client, (wire, late) => client.GetAsync(wire, path, late));
        }
        catch (RequestFailedException e)
        {
            throw new ZeroDowntimeException($"Before anything was changed: {e.Message}. The app has to answer first; look at its dynos and its log, or name another path or host.", e);
        }
    }

    /// <returns>Whether the answer tells the digest of what was sent; <see langword="null"/> if the app takes no uploads there.</returns>
    private async Task<bool?> ProbeUploadAsync(LoadClient client, string path)
    {
        var body = "probe"u8.ToArray();
        try
        {
            var answer = await WithWireAsync(client, (wire, late) => client.PostAsync(wire, path, body, chunked: false, late));
            if (answer.Status is >= 200 and < 400)
            {
                return LoadClient.HoldsDigest(answer, body);
            }

            LeaveOut("uploads", "POST", path, string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}"), _options.UploadPath);
        }
        catch (RequestFailedException e)
        {
            LeaveOut("uploads", "POST", path, e.Message, _options.UploadPath);
        }

        return null;
    }

    private async Task<bool> ProbeWebSocketAsync(LoadClient client, string path)
    {
        try
        {
            var result = await WithWireAsync(client, async (wire, late) =>
            {
                var session = new WebSocketWire(wire, Random.Shared);
                await session.ShakeHandsAsync(client, path, late);
                using var impatient = CancellationTokenSource.CreateLinkedTokenSource(late);
                impatient.CancelAfter(s_echoProbe);
                return await session.EchoAsync("probe", impatient.Token);
            });
            if (result == EchoResult.Echoed)
            {
                return true;
            }

            LeaveOut("WebSocket", "a session", path, "does not send back what it gets", _options.WebSocketPath);
        }
        catch (RequestFailedException e)
        {
            LeaveOut("WebSocket", "a session", path, e.Cause == FailureCause.Timeout ? "does not send back what it gets" : e.Message, _options.WebSocketPath);
        }

        return false;
    }

    /// <summary>What the app was never said to take is left out; what it was said to take is missing.</summary>
    private void LeaveOut(string kind, string request, string path, string why, string? asked)
    {
        if (asked is not null)
        {
            throw new ZeroDowntimeException($"Before anything was changed: {request} at {path}: {why}. Name a path that the app takes {kind} at, or leave the option out.");
        }

        _tally.LeaveOut($"{kind}, since {request} at {path}: {why}");
    }

    private async Task<T> WithWireAsync<T>(LoadClient client, Func<HttpWire, CancellationToken, Task<T>> use) => await client.InTimeAsync(async late =>
    {
        await using var wire = await HttpWire.OpenAsync(_options.Router, late);
        return await use(wire, late);
    });
}
