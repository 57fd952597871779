using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>
/// The life of one request: finds its dyno, sends it, relays the response, and says at the end what became of it. One object serves one request
/// after the other; <see cref="Finish"/> is the one way out, and gives it back to its lane.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its buffers give their memory back when they are cleared, and the wait is cancelled by then and has no timer: a pooled machine has no end to dispose at.")]
internal sealed partial class Exchange : Timed
{
    /// <summary>More than this unsent, and the other end pauses.</summary>
    private const int HighWater = 64 * 1024;

    /// <summary>The longest host name that a head may have.</summary>
    private const int HostLimit = 262;

    /// <summary>A piece up to this size is gathered with what stands around it; a larger one is sent from where it is.</summary>
    internal const int SmallPiece = 4 * 1024;

    /// <summary>How long one end of a tunnel may be silent when the other has ended. The other end's close is the end of most sessions, so this is short.</summary>
    private static readonly TimeSpan HalfTunnelSilence = TimeSpan.FromSeconds(1);

    private readonly ByteBuffer _dynoHead = new();
    private readonly ByteBuffer _toDyno = new();
    private readonly List<DynoEndpoint> _failed = new(4);
    private Lane _lane = null!;
    private IClientHalf _client = null!;
    private ClientInfo _info = null!;
    private DynoHalf? _half;
    private Stage _stage;
    private BodyFraming _body;
    private RouteSettings _settings = RouteSettings.Default;
    private int _headLength;
    private byte[] _upgrade = [];
    private char[]? _host;
    private int _hostLength;
    private bool _isBodyReceived;
    private int _unsentSeen;
    private Expectation _expect;
    private bool _passesExpect;
    private bool _isReplayable;
    private bool _clientKeeps;
    private bool _isRequestSent;
    private bool _isHeadSent;
    private bool _awaitsFirstByte;
    private bool _isBodyPaused;
    private bool _hasAcquired;
    private bool _hasRetriedStale;
    private bool _clientTunnelEnded;
    private bool _dynoTunnelEnded;
    private RouterError? _failure;

    private enum Stage
    {
        /// <summary>Not in use.</summary>
        None,

        /// <summary>Waits for a dyno to start or to leave quarantine.</summary>
        Waiting,
        Connecting,

        /// <summary>The dyno has the request, or is being given it; no response yet.</summary>
        Asking,

        /// <summary>The response is being relayed.</summary>
        Answering,
        Tunnel,

        /// <summary>The response is whole; the client has not taken all of it.</summary>
        Draining,
    }

    private bool IsHalfTunnel => _clientTunnelEnded || _dynoTunnelEnded;

    /// <summary>The head of the request: whoever feeds the exchange reads it here before <see cref="Begin"/>.</summary>
    public RequestHead Head { get; } = new();

    public ResponseHead ResponseHead { get; } = new();

    /// <summary>Reads a chunked body of the client.</summary>
    public ChunkedReader RequestChunks { get; } = new(HeadLimits.Default);

    public ChunkedReader ResponseChunks { get; } = new(HeadLimits.Default);

    /// <summary>What the client half gathers to send.</summary>
    public ByteBuffer ToClient { get; } = new();

    public RequestFacts Facts { get; } = new();

    /// <summary>Of the head that was read last, also of one that is refused.</summary>
    public bool IsHead => Head.IsHead;

    public bool IsHttp10 => Head.IsHttp10;

    /// <summary>Whether bytes of the body may be given now. If not, <see cref="IClientHalf.ResumeBody"/> says when.</summary>
    public bool TakesBody => _stage is Stage.Asking or Stage.Answering or Stage.Tunnel && !_isBodyPaused;

    /// <summary>Begins. What is wrong with the request, the app or its dynos is answered by the exchange itself, and so is everything after.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="client">The client.</param>
    /// <param name="info">Its connection.</param>
    /// <param name="input">What <see cref="Head"/> was read from.</param>
    /// <param name="protocol"><c>http1.1</c>, <c>http1.0</c> or <c>http2.0</c>.</param>
    public void Begin(Lane lane, IClientHalf client, ClientInfo info, ReadOnlySpan<byte> input, string protocol)
    {
        (_lane, _client, _info) = (lane, client, info);
        Copy(protocol);
        Facts.Began = lane.Now;
        Facts.StartedAt = lane.UnixMilliseconds;
        Facts.TlsVersion = info.TlsVersion;
        Span<byte> made = stackalloc byte[RequestIds.Length];
        scoped var requestId = Head.RequestId.Of(input);
        if (requestId.IsEmpty)
        {
            RequestIds.Write(made);
            requestId = made;
        }

        Facts.Take(Head, input, requestId, info.Peer.Span);
        try
        {
            Open(input, requestId);
        }
#pragma warning disable CA1031 // A policy of the embedder's, or the route table, may fail in any way: our fault, H99, and must cost neither the line nor the lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Broken(exception);
        }
    }

    /// <summary>The client is gone (H27).</summary>
    public void OnClientGone()
    {
        if (_stage == Stage.Tunnel)
        {
            // That is how WebSockets end.
            EndOfTunnel();
        }
        else if (_stage != Stage.None)
        {
            Fail(RouterError.ClientInterrupted);
        }
    }

    /// <summary>The router's time to stop is over, or the dyno's to drain (H24).</summary>
    public void CutOff()
    {
        if (_stage != Stage.None)
        {
            Fail(RouterError.ForcedClose);
        }
    }

    /// <summary>Something moved: the time of silence begins anew.</summary>
    public void Touch()
    {
        if (_awaitsFirstByte)
        {
            return;
        }

        var silence = _settings.IdleTimeout ?? _lane.Engine.Options.IdleTimeout;
        if (IsHalfTunnel && silence > HalfTunnelSilence)
        {
            silence = HalfTunnelSilence;
        }

        SetDue(_lane, _lane.Now + Ticks(silence));
    }

    public override void OnDue()
    {
        if (HasProgressed())
        {
            GoOnWaiting();
            return;
        }

        switch (_stage)
        {
            case Stage.Waiting:
                Retry();
                break;
            case Stage.Connecting:
                OnConnectTimeout();
                break;
            case Stage.Asking:
                Fail(_awaitsFirstByte ? RouterError.RequestTimeout : _isRequestSent || _isBodyPaused ? RouterError.IdleConnection : RouterError.ClientIdle);
                break;
            case Stage.Answering:
                Fail(_client.Unsent > 0 ? RouterError.ClientIdle : RouterError.IdleConnection);
                break;
            case Stage.Tunnel when IsHalfTunnel:
                EndOfTunnel();
                break;
            case Stage.Tunnel:
                Fail(RouterError.IdleConnection);
                break;
            case Stage.Draining:
                Fail(RouterError.ClientIdle);
                break;
        }
    }

    /// <summary>The request has failed: the dyno is let go, and the client is answered if nothing of a response was sent, or cut off if something was.</summary>
    public void Fail(RouterError error)
    {
        if (_stage == Stage.None)
        {
            return;
        }

        Facts.Error = error;

        // From here on the time of silence counts: the answer may meet a client that does not read.
        _awaitsFirstByte = false;
        var hasBegun = _stage is Stage.Answering or Stage.Draining or Stage.Tunnel;
        AbandonDyno();
        if (error.Status == 499 || hasBegun || !_client.IsOpen)
        {
            Facts.Status = error.Status == 499 || !hasBegun ? error.Status : Facts.Status;
            if (_client.IsOpen)
            {
                _client.Cut();
            }

            Finish(keepAlive: false);
            return;
        }

        Answer(_lane.Engine.Recorder.Answer(Facts, error, _dynoHead.Written), mayKeep: error.Status is not (400 or 417));
    }

    private void Answer(in ErrorAnswer answer, bool mayKeep)
    {
        var keepAlive = mayKeep && _clientKeeps && _isBodyReceived;
        Facts.Status = answer.Status;
        Facts.BytesOut = IsHead ? 0 : answer.Body.Length;
        _client.SendError(answer, keepAlive);
        _stage = Stage.Draining;
        EndWhenSent(keepAlive);
    }

    private void Copy(string protocol)
    {
        _stage = Stage.Waiting;
        _body = Head.Body;
        _isBodyReceived = _body.Kind == BodyKind.None || (_body.Kind == BodyKind.Length && _body.Length == 0);
        _isReplayable = Head.IsReplayable;
        _clientKeeps = Head.KeepAlive;
        _expect = Head.Expect;
        Facts.Protocol = protocol;
        Facts.AcceptsJson = Head.AcceptsJson;
    }

    private void Open(ReadOnlySpan<byte> input, scoped ReadOnlySpan<byte> requestId)
    {
        var engine = _lane.Engine;
        var name = Head.HostName.Of(input);
        _hostLength = name.Length;
        _host ??= new char[HostLimit];
        if (_hostLength > HostLimit)
        {
            throw new InvalidOperationException("A head with an oversize host name was let through.");
        }

        for (var i = 0; i < name.Length; i++)
        {
            _host[i] = (char)(name[i] is >= (byte)'A' and <= (byte)'Z' ? name[i] | 0x20 : name[i]);
        }

        if (engine.Routes.Find(_host.AsSpan(0, _hostLength)) is not { } route)
        {
            Log.UnknownHost(engine.Logger, _host.AsSpan(0, _hostLength), requestId);
            Answer(engine.Recorder.NoSuchApp(requestId, Facts.AcceptsJson), mayKeep: true);
            return;
        }

        Facts.Route = route;
        _settings = route.Settings;
        engine.Recorder.Begun(Facts, Head.TraceParent.Of(input));

        // Also for a request that no dyno gets: its line and its error page are made with its headers.
        WriteHead(input, requestId);
        if (_info.Covers is { } covers && !covers(new string(_host, 0, _hostLength)))
        {
            Fail(RouterError.Misdirected);
            return;
        }

        if (route.Maintenance)
        {
            Fail(RouterError.Maintenance);
            return;
        }

        if (_expect == Expectation.Unknown)
        {
            Fail(RouterError.UnknownExpect);
            return;
        }

        Place(route);
    }

    private void WriteHead(ReadOnlySpan<byte> input, scoped ReadOnlySpan<byte> requestId)
    {
        var engine = _lane.Engine;

        // Of the settings that were when the head was written: they may be others when the dyno has it.
        _passesExpect = _settings.EndToEndContinue && _expect == Expectation.Continue;
        Span<byte> trace = stackalloc byte[64];
        var traceLength = Facts.Activity?.Id is { } id && System.Text.Encoding.ASCII.TryGetBytes(id, trace, out var written) ? written : 0;
        Head.WriteTo(_dynoHead, input, new RequestHeadFields
        {
            Peer = _info.Peer.Span,
            IsTls = _info.TlsVersion is not null,
            Port = engine.Options.PublicPort ?? _info.Port,
            RequestId = requestId,
            StartedAt = Facts.StartedAt,
            Via = Facts.Protocol == "http2.0" ? "2.0 paas-router"u8 : "1.1 paas-router"u8,
            TraceParent = trace[..traceLength],
            PassExpect = _passesExpect,
            DropForwardedHost = engine.Options.DropsForwardedHost,
        });
        AddToDyno();
        _headLength = _dynoHead.Length;
        _upgrade = Head.Upgrade.IsEmpty ? [] : Head.Upgrade.Of(input).ToArray();
    }

    private void Broken(Exception exception)
    {
        try
        {
            Log.PlatformError(_lane.Engine.Logger, exception, Facts.RequestId);
        }
        finally
        {
            // Also if the embedder's logger fails.
            Fail(RouterError.PlatformError);
        }
    }

    /// <summary>An app's settings may name any time; half of all ticks is for ever, and can still be added to a timestamp.</summary>
    private long Ticks(TimeSpan time) => time.TotalSeconds * _lane.Engine.Time.TimestampFrequency is var ticks && ticks < Never / 2 ? (long)ticks : Never / 2;
}
