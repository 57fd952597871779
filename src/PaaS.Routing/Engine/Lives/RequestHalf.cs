namespace PaaS.Routing;

/// <summary>A client's connection: reads one request after the other from its bytes, hands each to an exchange, and writes the responses in order.</summary>
internal sealed partial class RequestHalf : Timed, IClientLinkHandler
{
    /// <summary>So many requests of a client that sends them ahead are looked at before other connections have their turn.</summary>
    private const int MostAtOnce = 32;

    private readonly Lane _lane;
    private readonly Link _link;
    private readonly ClientInfo _info;
    private Exchange? _exchange;
    private Phase _phase;
    private BodyFraming _body;
    private long _left;
    private bool _isPaused;

    /// <summary>The connection ends with the present response.</summary>
    private bool _isLast;
    private bool _hasEnded;
    private bool _isPartial;

    public RequestHalf(Lane lane, Link link, ClientInfo client)
    {
        (_lane, _link, _info) = (lane, link, client);
        link.Handler = this;
        SetDue(lane, lane.Now + Ticks(lane.Engine.Options.HeadTimeout));
    }

    private enum Phase
    {
        /// <summary>Before or within a request's head.</summary>
        Head,

        /// <summary>Within a request's body.</summary>
        Body,

        /// <summary>The request is whole, its response is not.</summary>
        Wait,
        Tunnel,

        /// <summary>Whatever comes is dropped.</summary>
        Closed,
    }

    /// <summary>Called when the connection needs no more of its lane's attention than its link does by itself.</summary>
    public Action<RequestHalf>? OnGone { get; set; }

    /// <summary>The router stops: an idle connection is closed, one with a request after its response.</summary>
    public void Stop()
    {
        _isLast = true;
        if (_phase == Phase.Head && !_isPartial)
        {
            Close();
        }
    }

    /// <summary>The time to stop is over: the request is ended (H24).</summary>
    public void CutOff()
    {
        _isLast = true;
        if (_phase is Phase.Body or Phase.Wait or Phase.Tunnel)
        {
            _exchange!.CutOff();
        }
        else
        {
            Close();
        }
    }

    public int OnBytes(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        var heads = 0;
        while (taken < bytes.Length)
        {
            if (_phase == Phase.Head && ++heads > MostAtOnce)
            {
                // The rest is offered again, not within this call.
                Pause();
                Resume();
                break;
            }

            var rest = bytes[taken..];
            var step = _phase switch
            {
                Phase.Head => ReadHead(rest),
                Phase.Body => ReadBody(rest),
                Phase.Tunnel => ReadTunnel(rest),
                Phase.Closed => rest.Length,
                _ => 0,
            };
            if (step == 0)
            {
                break;
            }

            taken += step;
        }

        if (_phase is Phase.Body or Phase.Tunnel)
        {
            _exchange!.Flush();
        }
        else if (_phase == Phase.Wait && taken < bytes.Length)
        {
            // A pipelined request: it is read when the one before is answered.
            Pause();
        }

        return taken;
    }

    public void OnEnd()
    {
        _hasEnded = true;
        switch (_phase)
        {
            case Phase.Wait when _lane.Engine.Options.AllowsHalfClose:
                break;
            case Phase.Body or Phase.Wait:
                _exchange!.OnClientGone();
                break;
            case Phase.Tunnel:
                _exchange!.EndTunnel();
                break;
            default:
                Close();
                break;
        }
    }

    public void OnEndAhead()
    {
        if (_phase is Phase.Body or Phase.Wait && !_lane.Engine.Options.AllowsHalfClose)
        {
            // It has sent more and left: nobody waits for the answers. Of a body that is still to be relayed, no dyno should begin to work on it.
            _exchange!.OnClientGone();
        }
    }

    public void OnBroken()
    {
        var wasBusy = _phase is Phase.Body or Phase.Wait or Phase.Tunnel;
        var exchange = _exchange;
        Leave();
        if (wasBusy)
        {
            exchange!.OnClientGone();
        }
        else if (exchange is not null)
        {
            _exchange = null;
            _lane.Return(exchange);
        }
    }

    public void OnSent()
    {
        // Between two requests it tells of the last response, which is over.
        if (_phase is Phase.Body or Phase.Wait or Phase.Tunnel)
        {
            _exchange!.OnClientSent();
        }
    }

    public override void OnDue()
    {
        if (_isPartial)
        {
            Refuse(new RequestRefusal(408, "The head of the request did not come in time."));
        }
        else if (_phase == Phase.Head)
        {
            Close();
        }
    }

    private int ReadHead(ReadOnlySpan<byte> bytes)
    {
        if (_exchange is not { } exchange)
        {
            exchange = _exchange = _lane.RentExchange();
            exchange.Head.Reset(); // another client may have left in the midst of its head
        }

        switch (exchange.Head.Read(bytes, _lane.Engine.HeadLimits))
        {
            case ReadResult.NeedMore:
                if (!_isPartial)
                {
                    _isPartial = true;
                    SetDue(_lane, _lane.Now + Ticks(_lane.Engine.Options.HeadTimeout));
                }

                return 0;
            case ReadResult.Refused:
                Refuse(exchange.Head.Refusal!);
                return bytes.Length;
        }

        var head = exchange.Head;
        var length = head.Length;
        _isPartial = false;
        SetDue(_lane, Never);
        _body = head.Body;
        _left = _body.Length;
        _phase = _body.Kind == BodyKind.None || (_body.Kind == BodyKind.Length && _left == 0) ? Phase.Wait : Phase.Body;
        if (_body.Kind == BodyKind.Chunked)
        {
            exchange.RequestChunks.Reset();
        }

        exchange.Begin(_lane, this, _info, bytes[..length], head.IsHttp10 ? "http1.0" : "http1.1");
        if (_phase == Phase.Wait)
        {
            exchange.Flush();
        }

        return length;
    }

    private int ReadBody(ReadOnlySpan<byte> bytes)
    {
        var exchange = _exchange!;
        if (!exchange.TakesBody)
        {
            Pause();
            return 0;
        }

        if (_body.Kind == BodyKind.Chunked)
        {
            return ReadChunk(exchange, bytes);
        }

        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        exchange.SendBody(bytes[..count]);
        if (_left == 0 && _phase == Phase.Body)
        {
            _phase = Phase.Wait;
            exchange.EndBody(default);
        }

        return count;
    }

    private int ReadChunk(Exchange exchange, ReadOnlySpan<byte> bytes)
    {
        switch (exchange.RequestChunks.Next(bytes, out var taken, out var data))
        {
            case ChunkStep.Data:
                exchange.SendBody(data.Of(bytes));
                break;
            case ChunkStep.End:
                _phase = Phase.Wait;
                exchange.EndBody(exchange.RequestChunks.Trailers);
                break;
            case ChunkStep.Bad:
                exchange.BadBody();
                return bytes.Length;
            default:
                // The line of a chunk: the client is not silent.
                exchange.Touch();
                break;
        }

        return taken;
    }

    private int ReadTunnel(ReadOnlySpan<byte> bytes)
    {
        if (!_exchange!.TakesBody)
        {
            Pause();
            return 0;
        }

        _exchange.SendBody(bytes);
        return bytes.Length;
    }

    /// <summary>The connection is closed behind the answer, so that no later byte of it is ever interpreted.</summary>
    private void Refuse(RequestRefusal refusal)
    {
        var exchange = _exchange!;
        Log.Refused(_lane.Engine.Logger, _info.Peer.Span, refusal);
        Span<byte> id = stackalloc byte[RequestIds.Length];
        RequestIds.Write(id);
        SendError(_lane.Engine.Recorder.Refused(refusal, id, exchange.Head.AcceptsJson), keepAlive: false);
        Flush();
        _exchange = null;
        _lane.Return(exchange);
        Close();
    }

    private void Pause()
    {
        if (!_isPaused)
        {
            _isPaused = true;
            _link.Pause();
        }
    }

    private void Resume()
    {
        if (_isPaused)
        {
            _isPaused = false;
            _link.Resume();
        }
    }

    private void Close()
    {
        if (_phase != Phase.Closed)
        {
            var exchange = _exchange;
            Leave();
            _link.Close();
            if (exchange is not null)
            {
                // Not begun: a head that never became whole.
                _exchange = null;
                _lane.Return(exchange);
            }
        }
    }

    private void Leave()
    {
        _phase = Phase.Closed;
        _isPartial = false;
        SetDue(_lane, Never);
        OnGone?.Invoke(this);
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _lane.Engine.Time.TimestampFrequency);
}
