using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace PaaS.Routing;

/// <summary>A client's connection: Kestrel reads it, into a pipe; it is sent to through the pipe or, where nothing stands between, on the socket itself.</summary>
internal sealed class KestrelLink : LaneLink
{
    private readonly ConnectionLane _lane;
    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReadEvent _readEvent;
    private readonly Action _onRead;
    private ValueTaskAwaiter<System.IO.Pipelines.ReadResult> _reading;
    private bool _isReading;
    private bool _isOffering;
    private bool _hasRest;
    private bool _endIsTold;
    private bool _isLost;
    private bool _willRead;
    private ResumeEvent? _resume;
    private CancellationTokenRegistration _lost;

    public KestrelLink(ConnectionLane lane, ConnectionContext connection, Outlet? outlet = null)
    {
        _lane = lane;
        _connection = connection;
        _input = connection.Transport.Input;
        Outlet = outlet ?? ClientOutlet.For(connection, this);
        _readEvent = new ReadEvent(this);
        _onRead = () => _lane.Run(_readEvent);
    }

    /// <summary>Completes when nothing is left of the connection but to be disposed.</summary>
    public Task Gone => _gone.Task;

    protected override bool WillLearnOfLoss => !_endIsTold;

    /// <summary>Bytes that lie in several segments are offered as one, up to this: no less than the largest head.</summary>
    private int MaxOffer => Math.Max(256 * 1024, _lane.Engine.HeadLimits.Head);

    protected override ConnectionLane ClosingLane => _lane;

    /// <summary>Begins to read. On the lane.</summary>
    public void Start()
    {
        Read();
        _lost = _connection.ConnectionClosed.UnsafeRegister(static self => ((KestrelLink)self!)._lane.Run(new LostEvent((KestrelLink)self)), this);
    }

    public override void Dispatch(LaneEvent @event) => _lane.Run(@event);

    public override void Resume()
    {
        IsPaused = false;
        if (_isReading)
        {
            if (_hasRest)
            {
                _input.CancelPendingRead();
            }
        }
        else if (!_willRead)
        {
            _willRead = true;
            _lane.Run(_resume ??= new ResumeEvent(this));
        }
    }

    protected override void ReadOn()
    {
        // While bytes are offered the pipe can't be read; it is afterwards.
        if (!_isReading && !_isOffering && !HasPeerEnded)
        {
            Read();
        }
    }

    protected override void Release(bool reset)
    {
        _lost.Unregister();
        if (reset)
        {
            _connection.Abort(new ConnectionAbortedException("The router has cut the connection."));
        }

        if (_isReading)
        {
            // The pipe must not be given back under the read; it ends by the abort or by this.
            _input.CancelPendingRead();
        }
        else if (!_isOffering)
        {
            _gone.TrySetResult();
        }

        _lane.Settle();
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "OnRead takes the result, once.")]
    private void Read()
    {
        _isReading = true;
        _reading = _input.ReadAsync().GetAwaiter();
        if (_reading.IsCompleted)
        {
            _lane.Run(_readEvent);
        }
        else
        {
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
#pragma warning disable CA1031 // However a transport or TLS says that it can't read, the connection is lost.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnReadFailed(e);
            return;
        }

        var buffer = result.Buffer;
        var consumed = IsPaused || IsClosed || buffer.IsEmpty ? buffer.Start : Offer(buffer);
        if (IsClosed)
        {
            consumed = buffer.End;
        }

        _hasRest = !buffer.Slice(consumed).IsEmpty;

        // What was not looked at holds the sender back while the link is paused, and is offered again when it goes on, which may have been asked for
        // already. When the peer is gone there is no more to hold back, and its end is looked for.
        _input.AdvanceTo(consumed, _willRead || (IsPaused && !_isLost) ? consumed : buffer.End);
        if (IsGone)
        {
            _gone.TrySetResult();
        }
        else if (result.IsCompleted && !(_willRead && _hasRest && !IsPaused))
        {
            OnPeerEnd();
        }
        else if (!IsPaused || IsClosed || _isLost)
        {
            Read();
        }
    }

    private void OnReadFailed(Exception exception)
    {
        if (IsGone)
        {
            _gone.TrySetResult();
            return;
        }

        if (exception is ConnectionAbortedException || exception.InnerException is ConnectionAbortedException)
        {
            // Not the client has left: the server's time to stop is over.
            (Handler as IClientLinkHandler)?.CutOff();
        }

        Fail();
    }

    private void OnPeerEnd()
    {
        var isFirst = !HasPeerEnded;
        HasPeerEnded = true;
        if (IsClosed)
        {
            Settle();
        }
        else if (!IsPaused || !_hasRest)
        {
            _endIsTold = true;
            Handler?.OnEnd();
        }
        else if (isFirst)
        {
            Handler?.OnEndAhead();
        }
    }

    private SequencePosition Offer(in ReadOnlySequence<byte> buffer)
    {
        _isOffering = true;
        try
        {
            return buffer.IsSingleSegment ? buffer.GetPosition(Handler!.OnBytes(buffer.FirstSpan)) : OfferSegments(buffer);
        }
        finally
        {
            _isOffering = false;
        }
    }

    private SequencePosition OfferSegments(in ReadOnlySequence<byte> buffer)
    {
        var rest = buffer;
        while (!rest.IsEmpty && !IsPaused && !IsClosed)
        {
            var count = (int)Math.Min(rest.Length, MaxOffer);
            var whole = ArrayPool<byte>.Shared.Rent(count);
            rest.Slice(0, count).CopyTo(whole);
            var taken = Handler!.OnBytes(whole.AsSpan(0, count));
            ArrayPool<byte>.Shared.Return(whole);
            var isAll = count == rest.Length;
            rest = rest.Slice(taken);
            if (taken == 0 || (isAll && taken < count))
            {
                break;
            }
        }

        return rest.Start;
    }

    private sealed class ReadEvent(KestrelLink link) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => link.OnRead();
    }

    private sealed class ResumeEvent(KestrelLink link) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            link._willRead = false;
            if (!link._isReading && !link.IsPaused && !link._endIsTold && !link.IsGone)
            {
                link.Read();
            }
        }
    }

    /// <summary>The transport reads no more: the peer has ended the stream or is lost. A link that is paused looks which.</summary>
    private sealed class LostEvent(KestrelLink link) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            link._isLost = true;
            if (!link._isReading && !link.HasPeerEnded && !link.IsGone)
            {
                link.Read();
            }
        }
    }
}
