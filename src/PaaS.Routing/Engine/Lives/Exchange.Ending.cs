namespace PaaS.Routing;

/// <summary>The end of a request, whatever became of it.</summary>
internal sealed partial class Exchange
{
    /// <summary>The response, or the error, was given to the client half.</summary>
    private void EndWhenSent(bool keepAlive)
    {
        _clientKeeps = keepAlive;
        _client.Flush();
        if (_stage != Stage.Draining)
        {
            return;
        }

        if (_client.Unsent == 0)
        {
            Finish(keepAlive);
        }
        else
        {
            _unsentSeen = _client.Unsent;
            Touch();
        }
    }

    /// <summary>Whether a slow peer has taken some of what it was sent since it was looked at last: links tell only when all is taken.</summary>
    private bool HasProgressed()
    {
        var unsent = _stage == Stage.Draining || _isResponsePaused ? _client.Unsent
            : _isBodyPaused && _half is { } half ? half.Link.Unsent
            : int.MaxValue;
        var progressed = unsent < _unsentSeen;
        _unsentSeen = unsent;
        return progressed;
    }

    /// <summary>The one way out.</summary>
    private void Finish(bool keepAlive)
    {
        var (lane, client) = (_lane, _client);
        Facts.Ended = lane.Now;
        _stage = Stage.None;
        SetDue(lane, Never);
        if (Facts.Route is not null)
        {
            Record(lane.Engine);
        }

        client.Done(keepAlive);
        Clear();
        lane.Return(this);
    }

    /// <summary>Whoever listens to metrics and spans runs in here, too, and may fail: that must not keep the client's connection.</summary>
    private void Record(RouterEngine engine)
    {
        try
        {
            engine.Recorder.Done(Facts, _dynoHead.Written);
        }
#pragma warning disable CA1031 // As in Begin.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            try
            {
                Log.NotRecorded(engine.Logger, exception, Facts.RequestId);
            }
#pragma warning disable CA1031 // The embedder's logger is at fault as well; there is nowhere left to say so, and the client waits for its end.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    private void Clear()
    {
        Facts.Clear();
        _dynoHead.Clear();
        _toDyno.Clear();
        _extra.Clear();
        ToClient.Clear();
        _failed.Clear();
        _failure = null;
        _settings = RouteSettings.Default;
        _awaitsFirstByte = false;
        (_lane, _client, _info, _half) = (null!, null!, null!, null);
        (_isRequestSent, _isHeadSent, _isBodyPaused, _hasAcquired, _hasRetriedStale) = (false, false, false, false, false);
        (_clientTunnelEnded, _dynoTunnelEnded, _isBodyReceived, _isReused, _isResponsePaused) = (false, false, false, false, false);
    }
}
