using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace PaaS.Routing;

/// <summary>Sends through a pipe: TLS, or whatever stands between the router and the socket. A flush is never waited for; what comes meanwhile is kept.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="tls">Sends the end of the stream; null: the pipe's end is the connection's.</param>
[SuppressMessage("Design", "CA1001", Justification = "Release gives back what it holds.")]
internal sealed class PipeOutlet(PipeWriter pipe, SslStream? tls) : Outlet
{
    private readonly ByteBuffer _next = new();
    private Action? _onFlushed;
    private Flushed? _flushed;
    private ValueTaskAwaiter<FlushResult> _flushing;
    private bool _isFlushing;
    private int _inFlush;
    private int _written;
    private bool _isEnding;

    public override int Unsent => _written + _inFlush + _next.Length;

    public override bool CanHalfClose => tls is not null;

    public override bool IsSending => _isFlushing || _isEnding;

    public override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        Write(first);
        Write(second);
        Write(third);
        Flush();
    }

    /// <summary>Gathers bytes, which <see cref="Flush"/> sends.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (IsBroken || IsEnding)
        {
            return;
        }

        if (_isFlushing)
        {
            _next.Write(bytes);
            return;
        }

        try
        {
            Put(bytes);
        }
        catch (InvalidOperationException)
        {
            Break();
        }
    }

    /// <summary>Sends what was gathered, if anything was or <paramref name="isForced"/>.</summary>
    public void Flush(bool isForced = false)
    {
        if (!_isFlushing && !IsBroken && (_written > 0 || isForced))
        {
            StartFlush();
        }
    }

    public override void Release()
    {
        IsBroken = true;
        _next.Dispose();
    }

    protected override void Finish()
    {
        if (IsBroken)
        {
            return;
        }

        if (tls is null)
        {
            pipe.Complete();
            HasEnded = true;
            return;
        }

        _isEnding = true;
        _ = EndTlsAsync(tls); // reports to the lane, and catches all
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _written += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var room = pipe.GetSpan(Math.Min(bytes.Length, 4096));
            var count = Math.Min(bytes.Length, room.Length);
            bytes[..count].CopyTo(room);
            pipe.Advance(count);
            bytes = bytes[count..];
        }
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "Take takes the result, once.")]
    private void StartFlush()
    {
        var count = _written;
        _written = 0;
        _flushing = pipe.FlushAsync().GetAwaiter();
        if (_flushing.IsCompleted)
        {
            Take();
            return;
        }

        _inFlush = count;
        _isFlushing = true;
        _flushed ??= new Flushed(this);
        _flushing.UnsafeOnCompleted(_onFlushed ??= () => Owner.Dispatch(_flushed));
    }

    /// <summary>Looks at what came of a flush.</summary>
    private void Take()
    {
        try
        {
            if (!_flushing.GetResult().IsCompleted)
            {
                return;
            }
        }
#pragma warning disable CA1031 // However a stream says that it can't send, the connection is lost; the reading side learns the cause.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        Break();
    }

    private void OnFlushed()
    {
        (_isFlushing, _inFlush) = (false, 0);
        Take();
        if (IsBroken)
        {
            return;
        }

        if (_next.Length > 0)
        {
            Put(_next.Written);
            _next.Dispose();
            StartFlush();
        }

        if (!_isFlushing && !IsBroken)
        {
            if (IsEnding)
            {
                Finish();
            }

            Owner.OnSent();
        }
    }

    private async Task EndTlsAsync(SslStream stream)
    {
        var failed = false;
        try
        {
            await stream.ShutdownAsync();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            failed = true;
        }

        Owner.Dispatch(new Ended(this, failed));
    }

    private void Break()
    {
        IsBroken = true;
        _next.Dispose();
        Owner.OnOutletBroken();
    }

    private sealed class Flushed(PipeOutlet outlet) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => outlet.OnFlushed();
    }

    private sealed class Ended(PipeOutlet outlet, bool failed) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            outlet._isEnding = false;
            outlet.HasEnded = true;
            outlet.IsBroken |= failed;
            outlet.Owner.OnEndSent();
        }
    }
}
