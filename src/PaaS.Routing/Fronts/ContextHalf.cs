using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>One request of a server's pipeline, as its exchange sees it: <see cref="HttpContext"/> stands for the client's connection. It has a lane of its own.</summary>
internal sealed partial class ContextHalf : IClientHalf, IOutletOwner
{
    private readonly ConnectionLane _lane;
    private readonly HttpContext _context;
    private readonly HttpResponse _response;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReadEvent _readEvent;
    private readonly Action _onRead;
    private PipeReader _input;
    private PipeOutlet _output;
    private Exchange? _exchange;
    private CancellationTokenRegistration _aborted;
    private ValueTaskAwaiter<System.IO.Pipelines.ReadResult> _reading;
    private bool _isReading;
    private bool _willRead;
    private bool _hasBody;
    private bool _isDone;
    private bool _isGone;

    public ContextHalf(ConnectionLanes lanes, HttpContext context)
    {
        _lane = new ConnectionLane(lanes) { Cut = Fail };
        _context = context;
        _response = context.Response;
        _input = context.Request.BodyReader;
        _output = new PipeOutlet(_response.BodyWriter, null) { Owner = this };
        _readEvent = new ReadEvent(this);
        _onRead = () => _lane.Run(_readEvent);
    }

    public bool IsOpen => !_isGone;

    private bool IsHttp1 => HttpProtocol.IsHttp11(_context.Request.Protocol) || HttpProtocol.IsHttp10(_context.Request.Protocol);

    /// <summary>Serves the request.</summary>
    /// <returns>Completes when all of the response was given to the server, or the request was given up.</returns>
    public Task RunAsync()
    {
        if (AnnouncesNothing)
        {
            _ = BeginAfterBodyAsync(); // reports to the lane, and catches all
        }
        else
        {
            _lane.Run(new BeginEvent(this, isInOrder: true));
        }

        _aborted = _context.RequestAborted.UnsafeRegister(static self => ((ContextHalf)self!)._lane.Run(new AbortedEvent((ContextHalf)self)), this);
        return _over.Task;
    }

    public void Dispatch(LaneEvent @event) => _lane.Run(@event);

    public void PauseBody()
    {
        // The exchange says itself whether it takes any; Resume tells when to ask.
    }

    public void ResumeBody() => ReadSoon();

    public void Done(bool keepAlive)
    {
        _exchange = null;
        _isDone = true;
        if (!keepAlive && _hasBody && !_isTunnel && !_isGone && IsHttp1)
        {
            LeaveAfter(ReadingTime, isWhole: true);
        }

        Settle();
    }

    /// <summary>An HTTP/2 client that announces an empty body, and has not ended its stream: only the end may come. No dyno must be asked before that is known (RFC 9113, 8.1.1).</summary>
    private bool AnnouncesNothing => !IsHttp1 && _context.Request.ContentLength == 0 && _context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;

    private async Task BeginAfterBodyAsync()
    {
        var isInOrder = false;
        try
        {
            using var late = new CancellationTokenSource(_lane.Engine.Options.HeadTimeout, _lane.Engine.Time);
            var read = await _input.ReadAsync(late.Token);
            isInOrder = read is { IsCompleted: true, Buffer.IsEmpty: true };
            _input.AdvanceTo(read.Buffer.End);
        }
#pragma warning disable CA1031 // However the server says that more came, or nothing in time, or that the client has left: it is not in order.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        _lane.Run(new BeginEvent(this, isInOrder));
    }

    private void Begin(bool isInOrder)
    {
        if (!isInOrder)
        {
            Refuse(Refusals.ContentLength);
            return;
        }

        using var head = new ByteBuffer();
        var exchange = _lane.RentExchange();
        exchange.Head.Reset(); // another client may have left in the midst of its head
        var refusal = ContextHead.Write(head, _context);
        if (refusal is null && exchange.Head.Read(head.Written, _lane.Engine.HeadLimits) is var result and not ReadResult.Done)
        {
            refusal = result == ReadResult.Refused ? exchange.Head.Refusal : Refusals.Line;
            exchange.Head.Reset();
        }

        if (refusal is not null)
        {
            _lane.Return(exchange);
            Refuse(refusal);
            return;
        }

        _exchange = exchange;
        _hasBody = exchange.Head.Body is { Kind: BodyKind.Chunked } or { Kind: BodyKind.Length, Length: > 0 };
        exchange.Begin(_lane, this, InfoOf(_context), head.Written, ProtocolOf(_context.Request.Protocol));
        if (_hasBody)
        {
            ReadSoon();
        }
        else if (_exchange == exchange)
        {
            exchange.Flush();
        }
    }

    private static ClientInfo InfoOf(HttpContext context)
    {
        var connection = context.Connection;
        return ClientFacts.Of(context.Features, connection.RemoteIpAddress, connection.LocalPort, context.Request.IsHttps);
    }

    private static string ProtocolOf(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? "http1.1" : HttpProtocol.IsHttp2(protocol) ? "http2.0" : HttpProtocol.IsHttp10(protocol) ? "http1.0" : "http3.0";

    private void ReadSoon()
    {
        if (_hasBody && !_isReading && !_willRead)
        {
            _willRead = true;
            _lane.Run(new ReadSoonEvent(this));
        }
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "OnRead takes the result, once.")]
    private void Read()
    {
        if (!_hasBody || _isReading || _exchange is not { TakesBody: true } exchange)
        {
            return;
        }

        _isReading = true;
        try
        {
            _reading = _input.ReadAsync().GetAwaiter();
        }
#pragma warning disable CA1031 // As in OnRead.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _isReading = false;
            OnBodyFailed(e);
            return;
        }

        if (_reading.IsCompleted)
        {
            _lane.Run(_readEvent);
        }
        else
        {
            exchange.Flush();
            _reading.UnsafeOnCompleted(_onRead);
        }
    }

    private void OnRead()
    {
        _isReading = false;
        System.IO.Pipelines.ReadResult result;
        try
        {
            result = _reading.GetResult();
        }
#pragma warning disable CA1031 // However a server says that the body can't be read, it is looked at here.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnBodyFailed(e);
            Settle();
            return;
        }

        var exchange = _exchange;
        var taken = 0L;
        foreach (var segment in result.Buffer)
        {
            if (exchange is not { TakesBody: true } || exchange != _exchange)
            {
                break;
            }

            exchange.SendBody(segment.Span);
            taken += segment.Length;
        }

        var isWhole = result.IsCompleted && taken == result.Buffer.Length;
        _input.AdvanceTo(result.Buffer.GetPosition(taken));
        if (exchange is null || exchange != _exchange)
        {
            Settle();
        }
        else if (isWhole)
        {
            _hasBody = false;
            EndBody(exchange);
        }
        else
        {
            exchange.Flush();
            Read();
        }
    }

    private void EndBody(Exchange exchange)
    {
        if (_isTunnel)
        {
            exchange.EndTunnel();
            return;
        }

        using var trailers = new ByteBuffer();
        if (_context.Request.SupportsTrailers() && _context.Features.Get<IHttpRequestTrailersFeature>() is { Available: true } feature)
        {
            ContextHead.WriteTrailers(trailers, feature.Trailers);
        }

        exchange.EndBody(trailers.Written);
    }

    /// <summary>The same type says that the framing is bad and that the client has left, which is told elsewhere only a little later: the text tells them apart.</summary>
    private void OnBodyFailed(Exception exception)
    {
        _hasBody = false;
        var isBad = exception is BadHttpRequestException && !exception.Message.StartsWith("Unexpected end of request content", StringComparison.Ordinal);
        isBad |= exception is IOException { InnerException: OverflowException }; // a chunk size beyond all bounds
        if (isBad && !_context.RequestAborted.IsCancellationRequested)
        {
            _exchange?.BadBody();
        }
        else
        {
            OnGone();
        }
    }

    /// <summary>The client is gone, or has given the request up, or the server's time to stop is over.</summary>
    private void OnGone()
    {
        if (_isGone || _exchange is not { } exchange)
        {
            return;
        }

        _isGone = true;
        if (_context.Features.Get<IConnectionLifetimeNotificationFeature>() is { ConnectionClosedRequested.IsCancellationRequested: true })
        {
            exchange.CutOff();
        }
        else
        {
            exchange.OnClientGone();
        }
    }

    /// <summary>The engine has failed.</summary>
    private void Fail()
    {
        var exchange = _exchange;
        _exchange = null;
        _isGone = true;
        _context.Abort();
        exchange?.OnClientGone();
        _over.TrySetResult();
    }

    private void Settle()
    {
        if (!_isDone || _output.IsSending || _isUpgrading || _isLeaving)
        {
            return;
        }

        if (_isReading)
        {
            // The server must not get its request back under the read.
            _input.CancelPendingRead();
            return;
        }

        _aborted.Unregister();
        _lane.Settle();
        _over.TrySetResult();
    }

    private sealed class BeginEvent(ContextHalf half, bool isInOrder) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => half.Begin(isInOrder);
    }

    private sealed class ReadEvent(ContextHalf half) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => half.OnRead();
    }

    private sealed class ReadSoonEvent(ContextHalf half) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            half._willRead = false;
            half.Read();
        }
    }

    private sealed class AbortedEvent(ContextHalf half) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            half.OnGone();

            // A flush that the exchange did not wait for has ended by this.
            half.Settle();
        }
    }
}
