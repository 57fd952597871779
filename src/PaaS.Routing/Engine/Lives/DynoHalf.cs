namespace PaaS.Routing;

/// <summary>A connection to a dyno: carries one exchange after the other, reads the responses and tells the exchange what they are.</summary>
internal sealed class DynoHalf : IDynoLinkHandler
{
    private const int MaxInterim = 64;
    private Exchange? _exchange;
    private State _state;
    private BodyFraming _body;
    private long _left;
    private int _interim;
    private bool _hasConnected;

    /// <param name="lane">The lane that makes the connection.</param>
    /// <param name="dyno">The dyno.</param>
    /// <param name="link">The connection, which begins to be made.</param>
    public DynoHalf(Lane lane, DynoEndpoint dyno, Link link)
    {
        Lane = lane;
        Dyno = dyno;
        Link = link;
        link.Handler = this;
    }

    private enum State
    {
        /// <summary>Nothing is expected from the dyno.</summary>
        Idle,
        Head,
        Body,
        Tunnel,
    }

    /// <summary>The lane that it is on now. A transport whose lanes share connections changes it between two requests.</summary>
    public Lane Lane { get; set; }

    public DynoEndpoint Dyno { get; }

    public Link Link { get; }

    /// <summary>Whether a byte of the response to the present request has come.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>A request takes the connection; <see cref="OnConnected"/> tells it when the connection stands.</summary>
    public void Attach(Exchange exchange)
    {
        _exchange = exchange;
        exchange.ResponseHead.Reset(); // a dyno before may have left in the midst of its head
        _state = State.Head;
        _interim = 0;
        HasAnswered = false;
    }

    /// <summary>The request is over, or goes on with another connection.</summary>
    public void Detach()
    {
        _exchange = null;
        _state = State.Idle;
    }

    /// <summary>The dyno's time to drain is over: called by the lane for each half that is connecting or has a request.</summary>
    public void OnExpired() => _exchange?.CutOff();

    public void OnConnected()
    {
        _hasConnected = true;
        _exchange?.OnConnected();
    }

    public void OnConnectFailed(ConnectFailure failure)
    {
        Lane.Forget(this);
        _exchange?.OnConnectFailed(failure);
    }

    public int OnBytes(ReadOnlySpan<byte> bytes)
    {
        if (_exchange is not { } exchange)
        {
            // Nobody asked: whatever it is, it must never be taken for the answer to a later request.
            Drop();
            return bytes.Length;
        }

        HasAnswered = true;
        exchange.OnDynoBytes();
        var taken = 0;
        while (taken < bytes.Length && _exchange == exchange)
        {
            var step = _state switch
            {
                State.Head => ReadHead(exchange, bytes[taken..]),
                State.Body => ReadBody(exchange, bytes[taken..]),
                _ => ReadTunnel(exchange, bytes[taken..]),
            };
            if (step == 0)
            {
                break;
            }

            taken += step;
        }

        if (_exchange != exchange)
        {
            return bytes.Length;
        }

        exchange.OnResponsePause();
        return taken;
    }

    public void OnEnd()
    {
        if (_exchange is not { } exchange)
        {
            Drop();
            return;
        }

        switch (_state)
        {
            case State.Body when _body.Kind == BodyKind.UntilClose:
                exchange.OnResponseEnd(default, clean: false);
                break;
            case State.Tunnel:
                exchange.OnDynoTunnelEnd();
                break;
            default:
                exchange.OnDynoLost();
                break;
        }
    }

    public void OnBroken()
    {
        Lane.Forget(this);
        _exchange?.OnDynoLost();
    }

    public void OnSent() => _exchange?.OnDynoSent();

    private int ReadHead(Exchange exchange, ReadOnlySpan<byte> bytes)
    {
        var head = exchange.ResponseHead;
        switch (head.Read(bytes, Lane.Engine.HeadLimits))
        {
            case ReadResult.NeedMore:
                return 0;
            case ReadResult.Refused:
                exchange.Fail(head.Error!);
                return bytes.Length;
        }

        var length = head.Length;
        if (head.Status is >= 100 and < 200 and not 101)
        {
            if (++_interim > MaxInterim)
            {
                exchange.Fail(RouterError.PoorlyFormattedResponse);
            }
            else
            {
                exchange.OnInterim(head, bytes);
            }

            return length;
        }

        if (head.Status == 101)
        {
            _state = State.Tunnel;
            exchange.OnSwitch(head, bytes);
            return length;
        }

        _body = exchange.HasNoBody(head.Status) ? default : head.Body;
        _left = _body.Length;
        var isEmpty = _body.Kind == BodyKind.None || (_body.Kind == BodyKind.Length && _left == 0);
        _state = State.Body;
        if (_body.Kind == BodyKind.Chunked)
        {
            exchange.ResponseChunks.Reset();
        }

        exchange.OnResponse(head, bytes, _body);
        if (isEmpty && _exchange == exchange)
        {
            exchange.OnResponseEnd(default, clean: length == bytes.Length);
        }

        return length;
    }

    private int ReadBody(Exchange exchange, ReadOnlySpan<byte> bytes)
    {
        switch (_body.Kind)
        {
            case BodyKind.UntilClose:
                exchange.OnResponseData(bytes);
                return bytes.Length;
            case BodyKind.Length:
                var count = (int)Math.Min(_left, bytes.Length);
                _left -= count;
                exchange.OnResponseData(bytes[..count]);
                if (_left == 0 && _exchange == exchange)
                {
                    exchange.OnResponseEnd(default, clean: count == bytes.Length);
                }

                return count;
            default:
                return ReadChunk(exchange, bytes);
        }
    }

    private static int ReadChunk(Exchange exchange, ReadOnlySpan<byte> bytes)
    {
        switch (exchange.ResponseChunks.Next(bytes, out var taken, out var data))
        {
            case ChunkStep.Data:
                exchange.OnResponseData(data.Of(bytes));
                break;
            case ChunkStep.End:
                exchange.OnResponseEnd(exchange.ResponseChunks.Trailers, clean: taken == bytes.Length);
                break;
            case ChunkStep.Bad:
                exchange.Fail(RouterError.ServerInterrupted);
                return bytes.Length;
        }

        return taken;
    }

    private static int ReadTunnel(Exchange exchange, ReadOnlySpan<byte> bytes)
    {
        exchange.OnResponseData(bytes);
        return bytes.Length;
    }

    private void Drop()
    {
        Lane.Forget(this);
        if (_hasConnected)
        {
            Link.Abort();
        }
    }
}
