namespace PaaS.Routing;

/// <summary>The response on its way to the client.</summary>
internal sealed partial class Exchange
{
    private bool _isResponsePaused;
    private bool _keepsDyno;

    /// <summary>Whether a response of this status has no body, whatever its head says.</summary>
    public bool HasNoBody(int status) => IsHead || status is 204 or 304;

    /// <summary>The dyno says something: from now on only silence counts.</summary>
    public void OnDynoBytes()
    {
        _awaitsFirstByte = false;
        if (Facts.FirstByte == 0)
        {
            Facts.FirstByte = _lane.Now;
        }

        Touch();
    }

    /// <summary>An interim response, such as 100 or 103.</summary>
    public void OnInterim(ResponseHead head, ReadOnlySpan<byte> input)
    {
        // The router has said it already, unless the dyno was to.
        var isSaid = head.Status == 100 && _expect == Expectation.Continue && !_passesExpect;
        _expect = head.Status == 100 ? Expectation.None : _expect;
        if (!isSaid)
        {
            _client.SendInterim(head, input);
            _client.Flush();
        }

        // It is not the response: that one has its time still.
        if (_isRequestSent && _stage == Stage.Asking)
        {
            AwaitFirstByte();
        }
    }

    /// <summary>The head of the final response.</summary>
    public void OnResponse(ResponseHead head, ReadOnlySpan<byte> input, BodyFraming body)
    {
        if (!TryAddToClient())
        {
            return;
        }

        Facts.Status = head.Status;
        _stage = Stage.Answering;
        Answered();

        // A dyno that sends the body of a HEAD all the same would have it taken for the next answer, however late it comes.
        _keepsDyno = head.KeepAlive && KeepsConnections && body.Kind != BodyKind.UntilClose && !(IsHead && head.Body.Kind != BodyKind.None && head.Body != new BodyFraming(BodyKind.Length));
        _keepAlive = head.KeepAliveSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Max(0, seconds - 1)) : TimeSpan.MaxValue;

        // A response before the whole request (such as 413) is relayed at once; then neither connection can be trusted to be in step.
        _clientKeeps &= _isBodyReceived && !_lane.Engine.IsStopping;
        _client.BeginResponse(head, input, body, _clientKeeps);
    }

    private TimeSpan _keepAlive;

    /// <summary>From the final head on only silence counts, also when an interim one came in the same segment.</summary>
    private void Answered()
    {
        _awaitsFirstByte = false;
        Touch();
    }

    /// <summary>Bytes of the body, or of a tunnel.</summary>
    public void OnResponseData(ReadOnlySpan<byte> data)
    {
        Facts.BytesOut += data.Length;
        _client.SendData(data);
    }

    /// <summary>What came at once from the dyno was relayed: sends it, and makes the dyno pause if the client is slower.</summary>
    public void OnResponsePause()
    {
        _client.Flush();
        if (!_isResponsePaused && _half is { } half && _client.Unsent > HighWater)
        {
            _isResponsePaused = true;
            _unsentSeen = _client.Unsent;
            half.Link.Pause();
        }
    }

    /// <summary>The response is whole.</summary>
    /// <param name="trailers">Trailer lines.</param>
    /// <param name="clean">Whether nothing came behind it: what a dyno sends unasked must never meet the next request.</param>
    public void OnResponseEnd(ReadOnlySpan<byte> trailers, bool clean)
    {
        _client.EndResponse(trailers);
        LetGo(clean && _keepsDyno && _isRequestSent);
        _stage = Stage.Draining;
        EndWhenSent(_clientKeeps);
    }

    /// <summary>The dyno accepts the upgrade.</summary>
    public void OnSwitch(ResponseHead head, ReadOnlySpan<byte> input)
    {
        if (_upgrade.Length == 0 || !_isBodyReceived)
        {
            Fail(RouterError.PoorlyFormattedResponse);
            return;
        }

        if (!TryAddToClient())
        {
            return;
        }

        Facts.Status = head.Status;
        Facts.IsUpgraded = true;
        _stage = Stage.Tunnel;
        _clientKeeps = false;
        Answered();
        _client.ResumeBody();
        _client.BeginTunnel(head, input);
    }

    /// <summary>The dyno's end of a tunnel has ended; the client's may go on.</summary>
    public void OnDynoTunnelEnd()
    {
        _dynoTunnelEnded = true;
        if (_clientTunnelEnded)
        {
            EndOfTunnel();
        }
        else
        {
            _client.Flush();
            _client.EndTunnel();
            Touch();
        }
    }

    /// <summary>The connection to the dyno has ended before the response did.</summary>
    public void OnDynoLost()
    {
        var half = _half!;
        _half = null;
        half.Detach();
        _lane.Forget(half);
        half.Link.Abort();
        if (_stage == Stage.Asking && !half.HasAnswered && _isReused && _isReplayable && !_hasRetriedStale)
        {
            // It closed a kept connection just as the request was on its way: the one failure that may be tried again.
            _hasRetriedStale = true;
            _isRequestSent = false;
            (Facts.Connected, Facts.RequestSent) = (0, 0);
            var last = Facts.Attempts.Count - 1;
            Facts.Attempts[last] = Facts.Attempts[last] with { Outcome = AttemptOutcome.Stale };
            Ask(Facts.Dyno!);
            return;
        }

        if (_stage == Stage.Tunnel && _dynoTunnelEnded)
        {
            EndOfTunnel();
            return;
        }

        Fail(_stage == Stage.Asking && !half.HasAnswered && _isRequestSent ? RouterError.ClosedWithoutResponse : RouterError.ServerInterrupted);
    }

    /// <summary>The client took what was unsent.</summary>
    public void OnClientSent()
    {
        if (_stage == Stage.Draining)
        {
            Finish(_clientKeeps);
            return;
        }

        if (_stage is Stage.Waiting or Stage.Connecting)
        {
            // It was the end of the response before: the time to find a dyno is not that of silence.
            return;
        }

        Touch();
        if (_isResponsePaused)
        {
            _isResponsePaused = false;
            _half?.Link.Resume();
        }
    }

    /// <summary>The dyno has done its part.</summary>
    private void LetGo(bool mayKeep)
    {
        var half = _half!;
        _half = null;
        half.Detach();
        var atMost = _keepAlive < _lane.Engine.Options.PoolIdleTimeout ? _keepAlive : _lane.Engine.Options.PoolIdleTimeout;
        if (mayKeep && atMost > TimeSpan.Zero && half.Link.Unsent == 0 && !half.Dyno.Retired.IsCancellationRequested && !_lane.Engine.IsStopping)
        {
            if (_isResponsePaused)
            {
                half.Link.Resume();
            }

            _lane.Keep(half, atMost);
        }
        else
        {
            _lane.Forget(half);
            if (_isRequestSent)
            {
                half.Link.Close();
            }
            else
            {
                half.Link.Abort();
            }
        }

        _isResponsePaused = false;
        ReleaseDyno();
    }

    /// <summary>Both ends, or one of them for good: what is buffered is still delivered.</summary>
    private void EndOfTunnel()
    {
        if (_half is { } half)
        {
            _half = null;
            half.Detach();
            _lane.Forget(half);
            half.Link.Close();
        }

        ReleaseDyno();
        _stage = Stage.Draining;
        EndWhenSent(keepAlive: false);
    }
}
