namespace PaaS.Routing;

/// <summary>The request on its way to the dyno.</summary>
internal sealed partial class Exchange
{
    private bool _isReused;

    /// <summary>Bytes of the request's body, decoded; or of a tunnel. Only while <see cref="TakesBody"/>.</summary>
    public void SendBody(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        Facts.BytesIn += data.Length;
        Touch();
        var isChunked = _body.Kind == BodyKind.Chunked && _stage != Stage.Tunnel;
        if (isChunked)
        {
            GatherHead();
            _toDyno.WriteHex(data.Length);
            _toDyno.Write("\r\n"u8);
            if (data.Length <= SmallPiece)
            {
                _toDyno.Write(data);
                _toDyno.Write("\r\n"u8);
            }
            else
            {
                _half!.Link.Send(_toDyno.Written, data, "\r\n"u8);
                _toDyno.Truncate(0);
            }
        }
        else if (_toDyno.Length > 0)
        {
            GatherHead();
            _half!.Link.Send(_toDyno.Written, data);
            _toDyno.Truncate(0);
        }
        else
        {
            var head = _isHeadSent ? default : _dynoHead.Written;
            _isHeadSent = true;
            _half!.Link.Send(head, data);
        }

        if (_half!.Link.Unsent > HighWater && !_isBodyPaused)
        {
            _isBodyPaused = true;
            _unsentSeen = _half.Link.Unsent;
            _client.PauseBody();
        }
    }

    /// <summary>The body is whole.</summary>
    public void EndBody(ReadOnlySpan<byte> trailers)
    {
        if (_body.Kind == BodyKind.Chunked)
        {
            GatherHead();
            _toDyno.Write("0\r\n"u8);
            _toDyno.Write(trailers);
            _toDyno.Write("\r\n"u8);
        }

        _isBodyReceived = true;
        Flush();
        RequestSent();
    }

    /// <summary>The body is not what it should be (H26). The dyno must not take what it has of it for the whole.</summary>
    public void BadBody() => Fail(RouterError.BadChunk);

    /// <summary>The client's end of a tunnel has ended; the dyno's may go on.</summary>
    public void EndTunnel()
    {
        _clientTunnelEnded = true;
        if (_dynoTunnelEnded)
        {
            EndOfTunnel();
        }
        else
        {
            Flush();
            _half!.Link.End();
            Touch();
        }
    }

    /// <summary>Sends what was gathered for the dyno.</summary>
    public void Flush()
    {
        if (_half is not { } half || _stage is not (Stage.Asking or Stage.Answering or Stage.Tunnel))
        {
            return;
        }

        if (!_isHeadSent)
        {
            _isHeadSent = true;
            half.Link.Send(_dynoHead.Written, _toDyno.Written);
        }
        else if (_toDyno.Length > 0)
        {
            half.Link.Send(_toDyno.Written);
        }

        _toDyno.Truncate(0);
    }

    /// <summary>The dyno took what was unsent.</summary>
    public void OnDynoSent()
    {
        GoOnWaiting();
        if (_isBodyPaused)
        {
            _isBodyPaused = false;
            _client.ResumeBody();
        }
    }

    /// <summary>A dyno takes the request. Its head goes with the first bytes of the body, or with <see cref="Flush"/>.</summary>
    private void Use(bool isReused)
    {
        var now = _lane.Now;
        _isReused = isReused;
        _stage = Stage.Asking;
        _isHeadSent = false;
        Facts.Connected = now;
        _dynoHead.Truncate(_headLength);
        RequestHeadTail.Write(_dynoHead, Milliseconds(Facts.Connecting ?? 0), Milliseconds(now - Facts.Began), KeepsConnections, _upgrade);
        if (_isBodyReceived)
        {
            RequestSent();
            return;
        }

        Touch();
        if (_expect == Expectation.Continue && !_passesExpect)
        {
            _client.SendContinue();
        }

        _client.ResumeBody();
    }

    private void RequestSent()
    {
        _isRequestSent = true;
        Facts.RequestSent = _lane.Now;
        if (_stage == Stage.Asking)
        {
            AwaitFirstByte();
        }
    }

    private void AwaitFirstByte()
    {
        _awaitsFirstByte = true;
        SetDue(_lane, _lane.Now + Ticks(_settings.FirstByteTimeout ?? _lane.Engine.Options.FirstByteTimeout));
    }

    /// <summary>A peer has taken something. If that was the request, the time of the first byte begins anew: it is counted from when the dyno has the whole.</summary>
    private void GoOnWaiting()
    {
        if (_awaitsFirstByte)
        {
            AwaitFirstByte();
        }
        else
        {
            Touch();
        }
    }

    /// <summary>Puts the head in front of what is gathered, if it is not sent yet.</summary>
    private void GatherHead()
    {
        if (!_isHeadSent)
        {
            _isHeadSent = true;
            _toDyno.Write(_dynoHead.Written);
        }
    }

    private long Milliseconds(long ticks) => ticks * 1000 / _lane.Engine.Time.TimestampFrequency;
}
