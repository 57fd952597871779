using System.Runtime.InteropServices;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Who is at the other end of a connection.</summary>
internal interface ILawPeer
{
    /// <summary>Whether it takes what comes.</summary>
    bool Reads { get; }

    void OnBytes(ReadOnlySpan<byte> bytes);

    void OnEnded(bool isReset);
}

/// <summary>
/// A connection in memory that keeps to the contract of <see cref="Link"/> and sees to it that its user does. The peer reads and sends when the
/// world lets it; the wire holds only so much.
/// </summary>
internal sealed class LawLink(LawWorld world, string name, bool isClient, int room) : Link
{
    private readonly bool _isClient = isClient;
    private readonly List<byte> _inbox = [];
    private readonly List<byte> _wire = [];
    private readonly List<byte> _unsent = [];
    private bool _isPaused;
    private bool _isFresh;
    private bool _tellsSent;
    private bool _tellsAhead = true;
    private bool _hasEnded;
    private bool _endTold;
    private bool _endSeen;
    private bool _inCall;
    private int _left;
    private State _state = isClient ? State.Open : State.Connecting;

    private enum State
    {
        Connecting,
        Open,

        /// <summary>The engine has closed it; the rest is still on its way.</summary>
        Closing,

        /// <summary>Nothing more goes either way.</summary>
        Gone,
    }

    public string Name => name;

    public ILawPeer Peer { get; set; } = null!;

    public int MostUnsent { get; private set; }

    /// <summary>The ids of the requests whose heads were given to the connection.</summary>
    public List<string> SentIds { get; } = [];

    /// <summary>Whether the engine may still use it.</summary>
    public bool IsOpen => _state is State.Connecting or State.Open;

    public bool IsConnecting => _state == State.Connecting;

    /// <summary>Whether anything came that was not read.</summary>
    public bool IsHeard => _inbox.Count > 0 || PeerHasEnded || PeerHasReset;

    /// <summary>Whether nothing is on its way to the peer.</summary>
    public bool IsEmpty => _wire.Count == 0 && _unsent.Count == 0;

    public bool PeerHasEnded { get; private set; }

    public bool PeerHasReset { get; private set; }

    public override int Unsent => _unsent.Count;

    public override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        Allow(nameof(Send), _state == State.Open && !_hasEnded);
        if (first.IndexOf("X-Request-Id: "u8) is var at and >= 0)
        {
            SentIds.Add(Encoding.ASCII.GetString(first.Slice(at + 14, 36)));
        }

        if (PeerHasReset)
        {
            return;
        }

        _unsent.AddRange(first);
        _unsent.AddRange(second);
        _unsent.AddRange(third);
        Move();
        _tellsSent |= _unsent.Count > 0;
        MostUnsent = Math.Max(MostUnsent, _unsent.Count);
    }

    public override void Pause()
    {
        Allow(nameof(Pause), _state == State.Open);
        _isPaused = true;
    }

    public override void Resume()
    {
        Allow(nameof(Resume), _state == State.Open);
        _isPaused = false;
        _isFresh = true;
    }

    public override void End()
    {
        Allow(nameof(End), _state == State.Open && !_hasEnded);
        _hasEnded = true;
    }

    public override void Close()
    {
        Allow(nameof(Close), IsOpen);
        world.Note($"{name} is closed");
        _state = _state == State.Connecting || PeerHasReset ? State.Gone : State.Closing;
        _inbox.Clear();
    }

    public override void Abort()
    {
        // A link that is broken is closed already, and may be aborted all the same.
        Allow(nameof(Abort), IsOpen || PeerHasReset);
        if (IsOpen)
        {
            world.Note($"{name} is aborted");
            var connected = _state == State.Open;
            _state = State.Gone;
            if (connected)
            {
                Peer.OnEnded(isReset: true);
            }
        }
    }

    /// <summary>The peer sends.</summary>
    public void FromPeer(ReadOnlySpan<byte> bytes)
    {
        if (_state == State.Open && !PeerHasReset && !PeerHasEnded)
        {
            _inbox.AddRange(bytes);
            _isFresh = true;
        }
    }

    public void EndFromPeer() => PeerHasEnded = true;

    public void ResetFromPeer()
    {
        PeerHasReset = true;
        _wire.Clear();
        _unsent.Clear();
        if (_state == State.Closing)
        {
            _state = State.Gone;
        }
    }

    /// <summary>What could happen on this connection next.</summary>
    public void Choices(List<Action> choices)
    {
        if (_state == State.Open)
        {
            if (_tellsSent && _unsent.Count == 0 && !PeerHasReset)
            {
                choices.Add(() => Call(TellSent));
            }

            var offers = !_isPaused && _isFresh && _inbox.Count > 0;
            if (offers && !(PeerHasReset && _isClient))
            {
                choices.Add(() => Call(Offer));
            }
            else if (PeerHasReset)
            {
                if (_isClient || !_isPaused || _inbox.Count == 0)
                {
                    choices.Add(() => Call(Break));
                }
            }
            else if (PeerHasEnded && !_endTold && (_inbox.Count == 0 || !_isPaused))
            {
                choices.Add(() => Call(TellEnd));
            }
            else if (PeerHasEnded && !_endTold && _isClient && _tellsAhead)
            {
                choices.Add(() => Call(TellAhead));
            }
        }

        var hasForPeer = _wire.Count > 0 || ((_hasEnded || _state == State.Closing) && _unsent.Count == 0 && !_endSeen);
        if (hasForPeer && _state is State.Open or State.Closing && hasForPeer && !PeerHasReset && Peer.Reads)
        {
            choices.Add(ReadByPeer);
        }
    }

    public void Connected()
    {
        _state = State.Open;
        Call(() => ((IDynoLinkHandler)Handler!).OnConnected());
    }

    public void Refuse(bool timedOut)
    {
        _state = State.Gone;
        PeerHasReset = true;
        Call(() => ((IDynoLinkHandler)Handler!).OnConnectFailed(timedOut ? ConnectFailure.TimedOut : ConnectFailure.Refused));
    }

    private void Offer()
    {
        _isFresh = false;
        var offered = Math.Min(_inbox.Count, _left + world.Random.Next(1, 64 * 1024));
        var bytes = CollectionsMarshal.AsSpan(_inbox)[..offered].ToArray();
        var taken = Handler!.OnBytes(bytes);
        if (taken < 0 || taken > offered)
        {
            throw new LawBrokenException($"{name}: {taken} of {offered} bytes were taken.");
        }

        // What was lent for the call may be anything afterwards.
        bytes.AsSpan().Fill((byte)'?');
        if (_state == State.Open)
        {
            _inbox.RemoveRange(0, taken);
            _left = offered - taken;
            _isFresh |= _inbox.Count > _left;
        }
    }

    private void TellSent()
    {
        _tellsSent = false;
        Handler!.OnSent();
    }

    private void TellEnd()
    {
        _endTold = true;
        _inbox.Clear();
        Handler!.OnEnd();
    }

    private void TellAhead()
    {
        _tellsAhead = false;
        Handler!.OnEndAhead();
    }

    private void Break()
    {
        _state = State.Gone;
        Handler!.OnBroken();
    }

    private void ReadByPeer()
    {
        if (_wire.Count > 0)
        {
            var count = world.Random.Next(1, _wire.Count + 1);
            var bytes = CollectionsMarshal.AsSpan(_wire)[..count].ToArray();
            _wire.RemoveRange(0, count);
            Move();
            Peer.OnBytes(bytes);
        }
        else
        {
            _endSeen = true;
            _state = _state == State.Closing ? State.Gone : _state;
            Peer.OnEnded(isReset: false);
        }
    }

    private void Move()
    {
        var count = Math.Min(room - _wire.Count, _unsent.Count);
        if (count > 0)
        {
            _wire.AddRange(CollectionsMarshal.AsSpan(_unsent)[..count]);
            _unsent.RemoveRange(0, count);
        }
    }

    private void Call(Action call)
    {
        if (_inCall)
        {
            throw new LawBrokenException($"{name} is called within a call.");
        }

        _inCall = true;
        call();
        _inCall = false;
    }

    private void Allow(string what, bool isAllowed)
    {
        if (!isAllowed)
        {
            throw new LawBrokenException($"{what} on {name}, which is {_state}{(_hasEnded ? ", and ended" : "")}.");
        }
    }
}
