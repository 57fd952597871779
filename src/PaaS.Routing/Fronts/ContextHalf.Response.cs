using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>The responses, in a server's terms. The server frames them for its client, and adds Date and, for 1xx, what it can: nothing.</summary>
internal sealed partial class ContextHalf
{
    /// <summary>How long a server gets to send what it was given, before the connection is cut.</summary>
    private static readonly TimeSpan SendingTime = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a client that still uploads gets to read the answer. A server would wait longer for the rest of the upload.</summary>
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(1);

    private ByteBuffer? _early;
    private bool _isLeaving;
    private bool _isTunnel;
    private bool _isUpgrading;
    private bool _hasBegun;
    private bool _isWhole;
    private bool _isUnsendable;

    public int Unsent => _isGone ? 0 : _output.Unsent + (_early?.Length ?? 0);

    /// <summary>Nothing to do: the server says it when the body is first read, which is not before a dyno is there.</summary>
    public void SendContinue()
    {
    }

    /// <summary>Not relayed: a server's pipeline has one head for each response.</summary>
    public void SendInterim(ResponseHead head, ReadOnlySpan<byte> input)
    {
    }

    public void BeginResponse(ResponseHead head, ReadOnlySpan<byte> input, BodyFraming body, bool keepAlive)
    {
        var exchange = _exchange!;
        if (!TryWriteHead(head, input))
        {
            return;
        }

        var relayed = exchange.IsHead || head.Status == StatusCodes.Status304NotModified ? head.Body : body;
        if (relayed.Kind == BodyKind.Length && head.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent))
        {
            _response.ContentLength = relayed.Length;
        }

        if (!keepAlive)
        {
            EndsConnection();
        }

        _hasBegun = true;
    }

    public void SendData(ReadOnlySpan<byte> data)
    {
        if (_isUpgrading)
        {
            (_early ??= new ByteBuffer()).Write(data);
        }
        else
        {
            _output.Write(data);
        }
    }

    public void EndResponse(ReadOnlySpan<byte> trailers)
    {
        _isWhole = true;
        while (!trailers.IsEmpty && _response.SupportsTrailers())
        {
            var end = trailers.IndexOf("\r\n"u8);
            AppendTrailer(trailers[..end]);
            trailers = trailers[(end + 2)..];
        }
    }

    /// <summary>One that the server does not send is left out, as trailers may be (RFC 9110, 6.5.1).</summary>
    private void AppendTrailer(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        try
        {
            _response.AppendTrailer(Encoding.ASCII.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8)));
        }
        catch (InvalidOperationException)
        {
        }
    }

    public void BeginTunnel(ResponseHead head, ReadOnlySpan<byte> input)
    {
        if (!TryWriteHead(head, input))
        {
            return;
        }

        _isTunnel = true;
        _isUpgrading = true;
        var connect = _context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } feature ? feature : null;
        if (connect is not null)
        {
            _response.StatusCode = StatusCodes.Status200OK;
            _response.Headers.Remove("Sec-WebSocket-Accept");
        }
        else
        {
            _response.Headers.Upgrade = Encoding.Latin1.GetString(head.Upgrade.Of(input));
        }

        _ = UpgradeAsync(connect); // reports to the lane, and catches all
    }

    /// <summary>A server's stream has no end of one direction: what was sent is delivered, then both end.</summary>
    public void EndTunnel() => _lane.Run(new TunnelEndedEvent(this));

    public void SendError(in ErrorAnswer answer, bool keepAlive)
    {
        _response.Clear();
        _response.StatusCode = answer.Status;
        _response.ContentType = answer.ContentType;
        _response.Headers.CacheControl = "no-cache, no-store";
        _response.ContentLength = answer.Body.Length;
        if (answer.RetryAfter is { } seconds)
        {
            _response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (!keepAlive)
        {
            EndsConnection();
        }

        (_hasBegun, _isWhole) = (true, true);
        if (!HttpMethods.IsHead(_context.Request.Method))
        {
            _output.Write(answer.Body.Span);
        }
    }

    public void Cut()
    {
        if (_isUnsendable && !_response.HasStarted)
        {
            SendError(_lane.Engine.Recorder.Answer(_exchange!.Facts, RouterError.PoorlyFormattedResponse, default), keepAlive: false);
            Flush();
            return;
        }

        if (!_hasBegun || _isTunnel || !IsHttp1)
        {
            _isGone = true;
            _context.Abort();
            return;
        }

        // What was relayed is part of what the client sees, and the server forgets what it has not sent yet.
        _output.Flush(isForced: !_response.HasStarted);
        _isGone = true;
        LeaveAfter(SendingTime, isWhole: false);
    }

    public void Flush()
    {
        if (!_isUpgrading && !_isGone)
        {
            // The head must not wait for a body that comes later; a whole response without a body is sent by the server itself.
            _output.Flush(isForced: _hasBegun && !_isWhole && !_isTunnel && !_response.HasStarted);
        }
    }

    public void OnSent()
    {
        _exchange?.OnClientSent();
        Settle();
    }

    public void OnEndSent() => Settle();

    public void OnOutletBroken() => _lane.Run(new AbortedEvent(this));

    /// <summary>Ends the connection in a while; until then the server does not get its request back, or it would end what was cut in good order, and wait for the rest of an upload.</summary>
    private void LeaveAfter(TimeSpan time, bool isWhole)
    {
        _isLeaving = true;
        _ = LeaveAsync(time, isWhole); // reports to the lane, and catches all
    }

    private async Task LeaveAsync(TimeSpan time, bool isWhole)
    {
        try
        {
            if (isWhole)
            {
                await _response.CompleteAsync();
            }

            await Task.Delay(time, _lane.Engine.Time, _context.RequestAborted);
        }
#pragma warning disable CA1031 // The client is gone already, however the server says it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        _lane.Run(new LeaveEvent(this));
    }

    private void Leave()
    {
        _isLeaving = false;
        _isGone = true;
        _context.Abort();
        Settle();
    }

    private bool TryWriteHead(ResponseHead head, ReadOnlySpan<byte> input)
    {
        try
        {
            WriteHead(head, input);
            return true;
        }
        catch (InvalidOperationException)
        {
            // A header holds a byte that the embedder's server was not set up to send (see RouterListener), or that none sends.
            _isUnsendable = true;
            _exchange!.Facts.Status = RouterError.PoorlyFormattedResponse.Status;
            _exchange.Fail(RouterError.PoorlyFormattedResponse);
            return false;
        }
    }

    private void WriteHead(ResponseHead head, ReadOnlySpan<byte> input)
    {
        _response.StatusCode = head.Status;
        if (_context.Features.Get<IHttpResponseFeature>() is { } feature)
        {
            feature.ReasonPhrase = Encoding.Latin1.GetString(head.Reason.Of(input));
        }

        var headers = _response.Headers;
        var passing = head.Passing(input);
        while (passing.MoveNext())
        {
            headers.Append(Encoding.ASCII.GetString(passing.Name.Of(input)), Encoding.Latin1.GetString(passing.Value.Of(input)));
        }

        using var via = new ByteBuffer();
        head.WriteVia(via, input, _exchange!.Facts.Protocol == "http2.0" ? "2.0 paas-router"u8 : "1.1 paas-router"u8);
        headers.Via = Encoding.Latin1.GetString(via.Written);
    }

    /// <summary>HTTP/2 has no word for it, and needs none: a stream is one request.</summary>
    private void EndsConnection()
    {
        if (IsHttp1)
        {
            _response.Headers.Connection = "close";
        }
    }

    private void Refuse(RequestRefusal refusal)
    {
        Log.Refused(_lane.Engine.Logger, Encoding.ASCII.GetBytes(_context.Connection.RemoteIpAddress?.ToString() ?? string.Empty), refusal);
        Span<byte> id = stackalloc byte[RequestIds.Length];
        RequestIds.Write(id);
        SendError(_lane.Engine.Recorder.Refused(refusal, id, json: false), keepAlive: false);
        _output.Flush();
        _isDone = true;
        Settle();
    }

    private async Task UpgradeAsync(IHttpExtendedConnectFeature? connect)
    {
        Stream? stream = null;
        try
        {
            stream = connect is not null ? await connect.AcceptAsync() : await _context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        }
#pragma warning disable CA1031 // The client is gone, or the server has as many upgraded connections as it may: there is no tunnel.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        _lane.Run(new UpgradedEvent(this, stream));
    }

    private void OnUpgraded(Stream? stream)
    {
        _isUpgrading = false;
        if (stream is null || _exchange is null)
        {
            OnGone();
            Settle();
            return;
        }

        _input = PipeReader.Create(stream);
        _output = new PipeOutlet(PipeWriter.Create(stream), null) { Owner = this };
        _hasBody = true;
        if (_early is not null)
        {
            _output.Send(_early.Written, default, default);
            _early.Dispose();
            _early = null;
            if (_output.Unsent == 0)
            {
                _exchange.OnClientSent();
            }
        }

        ReadSoon();
    }

    private sealed class LeaveEvent(ContextHalf half) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => half.Leave();
    }

    private sealed class UpgradedEvent(ContextHalf half, Stream? stream) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => half.OnUpgraded(stream);
    }

    private sealed class TunnelEndedEvent(ContextHalf half) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => half._exchange?.EndTunnel();
    }
}
