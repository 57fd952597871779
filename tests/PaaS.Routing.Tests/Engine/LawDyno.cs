using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>One connection of a dyno, which answers well, badly, too early, too late, in part, twice, or not at all.</summary>
internal sealed class LawDyno : ILawPeer
{
    private readonly LawWorld _world;
    private readonly bool _isWell;
    private readonly List<byte> _input = [];
    private readonly Queue<byte[]> _answer = [];
    private bool _hasAnswered;
    private Ending _ending;

    /// <summary>Goes with the end of the answer: what comes later may meet the next request on any router.</summary>
    private byte[] _behind = [];

    /// <summary>Is said when the connection is idle.</summary>
    private byte[] _stray = [];
    private bool _isTunnel;
    private int _tunnelLeft;
    private bool _isOver;
    private bool _isDeaf;

    public LawDyno(LawWorld world, LawLink link, bool isWell)
    {
        _world = world;
        _isWell = isWell;
        Link = link;
        link.Peer = this;
    }

    private enum Ending
    {
        Stays,
        Ends,
        Resets,

        /// <summary>Says nothing more and does not close.</summary>
        Hangs,
    }

    private static ReadOnlySpan<byte> Evil => "HTTP/1.1 200 OK\r\nX-Seen: ZXZpbA==\r\nContent-Length: 4\r\n\r\nevil"u8;

    public LawLink Link { get; }

    /// <summary>Requests that it has read.</summary>
    public List<StrictRequest> Seen { get; } = [];

    /// <summary>A request that is not whole.</summary>
    public StrictRequest? Pending { get; private set; }

    public List<byte> TunnelSeen { get; } = [];

    public bool Reads => !_isDeaf;

    public void OnBytes(ReadOnlySpan<byte> bytes)
    {
        if (_isTunnel)
        {
            TunnelSeen.AddRange(bytes);
            Link.FromPeer(bytes);
            _tunnelLeft -= bytes.Length;
            return;
        }

        _input.AddRange(bytes);
        Read();
    }

    public void OnEnded(bool isReset)
    {
        if (_isTunnel && !isReset && !_isOver)
        {
            Link.EndFromPeer();
        }

        _isOver = true;
    }

    public void Choices(List<Action> choices)
    {
        if (_isOver)
        {
            return;
        }

        if (_answer.Count > 0)
        {
            choices.Add(() => Link.FromPeer(_answer.Dequeue()));
        }
        else if (_isTunnel && _tunnelLeft < 0)
        {
            choices.Add(() => End(reset: false));
        }
        else if (_ending is Ending.Ends or Ending.Resets && !_isTunnel)
        {
            choices.Add(() => End(_ending == Ending.Resets));
        }
        else if (_stray.Length > 0 && Link.IsOpen && Link.IsEmpty && _world.Lane.IsIdle(Link))
        {
            choices.Add(() =>
            {
                Link.FromPeer(_stray);
                _stray = [];
            });
        }
    }

    private void End(bool reset)
    {
        _isOver = true;
        _world.Note($"{Link.Name} {(reset ? "resets" : "ends")}");
        if (reset)
        {
            Link.ResetFromPeer();
        }
        else
        {
            Link.EndFromPeer();
        }
    }

    private void Read()
    {
        while (_input.Count > 0 && !_isTunnel)
        {
            var result = StrictReader.Read([.. _input], out var request, out var taken, out var fault);
            if (result == StrictResult.Bad || request is { HasBothFramings: true } or { HasChunkExtensions: true })
            {
                throw new LawBrokenException($"{Link.Name} was sent {fault ?? "doubtful framing"}: {Escaped.Bytes([.. _input])}");
            }

            if (request is null)
            {
                return;
            }

            // Some answer before they have all.
            Pending = request;
            if (!_hasAnswered && (result == StrictResult.Whole || (!_isWell && _world.Random.Next(6) == 0)))
            {
                if (_answer.Count > 0)
                {
                    throw new LawBrokenException($"{Link.Name} was sent a request before it had answered the last one.");
                }

                _hasAnswered = true;
                Plan(request);
            }

            if (result != StrictResult.Whole)
            {
                return;
            }

            _world.Note($"{Link.Name} has {request.Target}");
            Seen.Add(request);
            Pending = null;
            _hasAnswered = false;
            _input.RemoveRange(0, taken);
        }
    }

    private void Plan(StrictRequest request)
    {
        var random = _world.Random;
        var answer = new List<byte>();
        _ending = Ending.Stays;
        for (var i = random.Next(8); i > 5; i--)
        {
            answer.AddRange("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"u8);
        }

        var upgrade = request.All("Upgrade") is ["echo"];
        if (upgrade && (_isWell || random.Next(2) == 0))
        {
            _isTunnel = true;
            _tunnelLeft = random.Next(3) == 0 ? random.Next(2000) : int.MaxValue;
            answer.AddRange("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"u8);
            Cut(answer, random);
            return;
        }

        var kind = random.Next(20);
        if (!_isWell && kind < 4 && !(upgrade && kind == 1))
        {
            Misbehave(random, kind, answer);
            Cut(answer, random);
            return;
        }

        var body = LawClient.BodyOf(request.Target);
        var seen = $"X-Seen: {Convert.ToBase64String(Encoding.Latin1.GetBytes(request.Target))}\r\n";
        var headEnd = 0;
        switch (random.Next(8))
        {
            case 0 when request.Method == "GET":
                answer.AddRange(Encoding.Latin1.GetBytes($"HTTP/1.1 {(random.Next(2) == 0 ? "204 No Content" : "304 Not Modified")}\r\n{seen}\r\n"));
                headEnd = answer.Count;
                break;
            case 1 when request.Method != "HEAD":
                answer.AddRange(Encoding.Latin1.GetBytes($"HTTP/1.{random.Next(2)} 200 OK\r\n{seen}Connection: close\r\n\r\n"));
                headEnd = answer.Count;
                answer.AddRange(body);
                _ending = _isWell || random.Next(3) > 0 ? Ending.Ends : Ending.Resets;
                break;
            case 2 or 3 or 4:
                answer.AddRange(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\n{seen}Transfer-Encoding: chunked\r\n\r\n"));
                headEnd = answer.Count;
                if (request.Method != "HEAD")
                {
                    AddChunks(random, answer, body);
                }

                break;
            default:
                answer.AddRange(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\n{seen}Content-Length: {body.Length}\r\n{(random.Next(9) == 0 ? "Connection: close\r\n" : "")}\r\n"));
                headEnd = answer.Count;
                answer.AddRange(request.Method == "HEAD" ? [] : body);
                break;
        }

        if (!_isWell)
        {
            Spoil(random, answer, request.Method != "HEAD" && answer.Count > headEnd, _ending == Ending.Stays);
        }

        Cut(answer, random);
    }

    private static void AddChunks(Random random, List<byte> answer, ReadOnlySpan<byte> body)
    {
        for (var chunks = 0; body.Length > 0; chunks++)
        {
            var count = chunks > 100 ? body.Length : random.Next(1, random.Next(2) == 0 ? body.Length + 1 : Math.Min(body.Length, 20) + 1);
            answer.AddRange(Encoding.Latin1.GetBytes(count.ToString("X", CultureInfo.InvariantCulture) + "\r\n"));
            answer.AddRange(body[..count]);
            answer.AddRange("\r\n"u8);
            body = body[count..];
        }

        answer.AddRange(random.Next(3) == 0 ? "0\r\nX-Sum: 2\r\n\r\n"u8 : "0\r\n\r\n"u8);
    }

    /// <summary>Not an answer at all.</summary>
    private void Misbehave(Random random, int kind, List<byte> answer)
    {
        _ending = (Ending)random.Next(1, 4);
        switch (kind)
        {
            case 0:
                answer.AddRange("SSH-2.0-nonsense\r\n\r\n"u8);
                break;
            case 1:
                answer.AddRange("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: unasked\r\n\r\nbytes of another protocol"u8);
                break;
            case 2:
                answer.AddRange("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"u8);
                break;
            default:
                _isDeaf = random.Next(2) == 0;
                break;
        }
    }

    /// <summary>Cuts the answer off, or adds what nobody has asked for.</summary>
    private void Spoil(Random random, List<byte> answer, bool hasBody, bool isFramed)
    {
        switch (random.Next(10))
        {
            case 0 or 1 when isFramed && hasBody:
                var cut = random.Next(answer.Count);
                answer.RemoveRange(cut, answer.Count - cut);
                _ending = (Ending)random.Next(1, 4);
                break;
            case 2 when isFramed:
                _behind = [.. Evil];
                break;
            case 3 when isFramed:
                _stray = [.. Evil];
                break;
            case 4 when isFramed:
                _ending = (Ending)random.Next(1, 3);
                break;
        }
    }

    private void Cut(List<byte> answer, Random random)
    {
        var segments = 0;
        while (answer.Count > 0)
        {
            var count = segments++ > 30 ? answer.Count : random.Next(1, (random.Next(3) == 0 ? Math.Min(answer.Count, 30) : answer.Count) + 1);
            _answer.Enqueue(count == answer.Count ? [.. answer, .. _behind] : [.. answer[..count]]);
            answer.RemoveRange(0, count);
        }

        _behind = [];
    }
}
