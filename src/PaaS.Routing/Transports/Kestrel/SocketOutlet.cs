using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PaaS.Routing;

/// <summary>Sends on a socket that does not block: one system call where the kernel takes all, and no thread in between.</summary>
internal sealed class SocketOutlet(Socket socket) : Outlet
{
    /// <summary>Up to this, stretches are put together and sent as one: copying costs less than another call.</summary>
    private const int GatherSize = 64 * 1024;

    /// <summary>What is left goes out in pieces, so that progress can be seen.</summary>
    private const int PieceSize = 16 * 1024;

    private Sending? _sending;
    private ByteBuffer? _out;
    private ByteBuffer? _next;
    private int _sent;
    private bool _isSending;

    public override int Unsent => _isSending ? _out!.Length - _sent + _next!.Length : 0;

    public override bool CanHalfClose => true;

    public override bool IsSending => _isSending;

    public override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        var total = first.Length + second.Length + third.Length;
        if (total == first.Length || total > GatherSize)
        {
            SendOne(first);
            SendOne(second);
            SendOne(third);
            return;
        }

        var whole = ArrayPool<byte>.Shared.Rent(total);
        first.CopyTo(whole);
        second.CopyTo(whole.AsSpan(first.Length));
        third.CopyTo(whole.AsSpan(first.Length + second.Length));
        SendOne(whole.AsSpan(0, total));
        ArrayPool<byte>.Shared.Return(whole);
    }

    public override void Release()
    {
        IsBroken = true;
        _sending?.Dispose();
    }

    protected override void Finish()
    {
        if (IsBroken)
        {
            return;
        }

        try
        {
            socket.Shutdown(SocketShutdown.Send);
            HasEnded = true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Break();
        }
    }

    private void SendOne(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || IsBroken || IsEnding)
        {
            return;
        }

        if (_isSending)
        {
            _next!.Write(bytes);
            return;
        }

        var sent = TrySend(bytes);
        if (sent < bytes.Length && !IsBroken)
        {
            _out ??= new ByteBuffer();
            _next ??= new ByteBuffer();
            _out.Write(bytes[sent..]);
            _sent = 0;
            _isSending = true;
            SendOn();
        }
    }

    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            switch (error)
            {
                case SocketError.Success:
                    return sent;
                case SocketError.WouldBlock or SocketError.IOPending or SocketError.NoBufferSpaceAvailable:
                    return 0;
                default:
                    Break();
                    return 0;
            }
        }
        catch (ObjectDisposedException)
        {
            Break();
            return 0;
        }
    }

    private void SendOn()
    {
        _sending ??= new Sending(this);
        var piece = _out!.WrittenMemory[_sent..];
        _sending.SetBuffer(MemoryMarshal.AsMemory(piece[..Math.Min(piece.Length, PieceSize)]));
        try
        {
            if (!socket.SendAsync(_sending))
            {
                Owner.Dispatch(_sending.Event);
            }
        }
        catch (ObjectDisposedException)
        {
            Break();
        }
    }

    private void OnPieceSent()
    {
        if (_sending!.SocketError != SocketError.Success)
        {
            Break();
            return;
        }

        _sent += _sending.BytesTransferred;
        if (_sent < _out!.Length)
        {
            SendOn();
        }
        else if (_next!.Length > 0)
        {
            _out.Clear();
            (_out, _next) = (_next, _out);
            _sent = 0;
            SendOn();
        }
        else
        {
            Rest();
            if (IsEnding)
            {
                Finish();
            }

            Owner.OnSent();
        }
    }

    private void Rest()
    {
        _isSending = false;
        _out?.Dispose();
        _next?.Dispose();
    }

    private void Break()
    {
        IsBroken = true;
        Rest();
        Owner.OnOutletBroken();
    }

    /// <summary>The operation that sends what was left.</summary>
    private sealed class Sending : SocketAsyncEventArgs
    {
        private readonly SocketOutlet _outlet;

        public Sending(SocketOutlet outlet)
            : base(unsafeSuppressExecutionContextFlow: true)
        {
            _outlet = outlet;
            Event = new Sent(outlet);
        }

        public LaneEvent Event { get; }

        protected override void OnCompleted(SocketAsyncEventArgs e) => _outlet.Owner.Dispatch(Event);
    }

    private sealed class Sent(SocketOutlet outlet) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => outlet.OnPieceSent();
    }
}
