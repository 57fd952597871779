using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A client: sends requests in a row, cut anywhere, reads or stops reading, and leaves when it likes.</summary>
internal sealed class LawClient : ILawPeer
{
    private readonly LawWorld _world;
    private readonly byte[] _stream;
    private readonly List<byte> _received = [];
    private readonly int _leavesAt;
    private readonly bool _stalls;
    private readonly byte[] _tunnel;
    private int _sent;
    private int _tunnelSent;
    private int _looked;
    private List<StrictResponse> _responses = [];
    private bool _hasLeft;

    public LawClient(LawWorld world, int number)
    {
        _world = world;
        var random = world.Random;

        // A narrow wire makes many steps of a body: it gets short ones.
        var isNarrow = random.Next(3) == 0;
        Link = new LawLink(world, $"client {number}", isClient: true, isNarrow ? random.Next(1, 2000) : random.Next(20_000, 300_000)) { Peer = this };
        var text = new StringBuilder();
        for (var i = 0; i < random.Next(1, 5); i++)
        {
            var request = Request(random, $"/{number}-{i}-", isNarrow ? 20 : 1);
            text.Append(request);
            if (request.Contains("Upgrade: echo", StringComparison.Ordinal))
            {
                // What would follow belongs to the other protocol.
                break;
            }
        }

        _stream = Encoding.Latin1.GetBytes(text.ToString());
        (Requests, _) = StrictReader.ReadAll(_stream);
        _leavesAt = random.Next(5) == 0 ? random.Next(_stream.Length + 1) : int.MaxValue;
        _stalls = random.Next(12) == 0;
        _tunnel = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(2000)).Select(i => $"frame {number}.{i};")));
    }

    public LawLink Link { get; }

    /// <summary>What it asks for, in order.</summary>
    public List<StrictRequest> Requests { get; }

    public ReadOnlySpan<byte> Tunnel => _tunnel;

    public bool WasReset { get; private set; }

    public bool HasEnded { get; private set; }

    public bool Reads => !_stalls || _received.Count < 100;

    /// <summary>What the app answers to a target: its last number is the length.</summary>
    public static byte[] BodyOf(string target)
    {
        var body = new byte[int.Parse(target.AsSpan(target.LastIndexOf('-') + 1), CultureInfo.InvariantCulture)];
        for (var i = 0; i < body.Length; i++)
        {
            body[i] = (byte)target[i % target.Length];
        }

        return body;
    }

    public List<StrictResponse> Responses(out string? fault) =>
        StrictResponse.ReadAll([.. _received], i => i < Requests.Count && Requests[i].Method == "HEAD", HasEnded && !WasReset, out fault);

    public void OnBytes(ReadOnlySpan<byte> bytes) => _received.AddRange(bytes);

    public void OnEnded(bool isReset)
    {
        HasEnded = true;
        WasReset = isReset;
    }

    public void Choices(List<Action> choices)
    {
        if (_hasLeft || HasEnded)
        {
            return;
        }

        if (_sent >= _leavesAt)
        {
            choices.Add(Leave);
        }
        else if (_sent < _stream.Length)
        {
            choices.Add(Send);
        }
        else if (_received.Count > 0)
        {
            if (_looked != _received.Count)
            {
                _looked = _received.Count;
                _responses = Responses(out _);
            }

            var responses = _responses;
            if (responses.Count == 0 || !responses[^1].IsWhole)
            {
                return;
            }

            if (responses[^1].Status == 101 && _tunnelSent < _tunnel.Length)
            {
                choices.Add(SendTunnel);
            }
            else if ((responses[^1].Status == 101 && responses[^1].Body.Length >= _tunnel.Length) || (responses.Count == Requests.Count && responses[^1].Status != 101 && _tunnel.Length % 2 == 0))
            {
                choices.Add(Leave);
            }
        }
    }

    public override string ToString() =>
        $"{Link.Name} sent {_sent} of {_stream.Length}{(_hasLeft ? " and left" : "")}{(_stalls ? ", does not read" : "")}: {Escaped.Bytes(_stream)}\n  received: {Escaped.Bytes([.. _received])}{(HasEnded ? WasReset ? " (reset)" : " (closed)" : "")}";

    private static string Request(Random random, string path, int part)
    {
        var target = path + random.Next(24) switch { 0 or 1 or 2 => 0, 3 => random.Next(100_000, 300_000) / part, 4 => random.Next(60_000, 70_000) / part, _ => random.Next(1, 3000) };
        var body = new string('b', random.Next(24) switch { 0 or 1 or 2 => 0, 3 => random.Next(60_000, 250_000), _ => random.Next(1, 5000) });
        var close = random.Next(12) == 0 ? "Connection: close\r\n" : "";
        var expect = random.Next(4) == 0 ? "Expect: 100-continue\r\n" : "";
        return random.Next(10) switch
        {
            0 => $"HEAD {target} HTTP/1.1\r\nHost: app.test\r\n{close}\r\n",
            1 => $"GET {target} HTTP/1.0\r\nHost: app.test\r\n{(random.Next(2) == 0 ? "Connection: keep-alive\r\n" : "")}\r\n",
            2 => $"GET {target} HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
            3 or 4 => $"POST {target} HTTP/1.1\r\nHost: app.test\r\n{expect}{close}Content-Length: {body.Length}\r\n\r\n{body}",
            5 or 6 => $"PUT {target} HTTP/1.1\r\nHost: app.test\r\n{expect}{close}Transfer-Encoding: chunked\r\n\r\n{Chunks(random, body)}",
            _ => $"GET {target} HTTP/1.1\r\nHost: app.test\r\n{close}\r\n",
        };
    }

    private static string Chunks(Random random, string body)
    {
        var chunks = new StringBuilder();
        while (body.Length > 0)
        {
            var count = random.Next(1, random.Next(2) == 0 ? body.Length + 1 : Math.Min(body.Length, 40) + 1);
            count = chunks.Length > 5000 ? body.Length : count;
            chunks.Append(CultureInfo.InvariantCulture, $"{count:x}{(random.Next(9) == 0 ? ";x=y" : "")}\r\n").Append(body.AsSpan(0, count)).Append("\r\n");
            body = body[count..];
        }

        return chunks.Append(random.Next(4) == 0 ? "0\r\nX-Sum: 1\r\n\r\n" : "0\r\n\r\n").ToString();
    }

    private void Send()
    {
        var largest = Math.Min(_stream.Length - _sent, Math.Max(_leavesAt - _sent, 1));
        var count = _world.Random.Next(1, (_world.Random.Next(3) == 0 ? Math.Min(largest, 20) : largest) + 1);
        Link.FromPeer(_stream.AsSpan(_sent, count));
        _sent += count;
    }

    private void SendTunnel()
    {
        var count = _world.Random.Next(1, _tunnel.Length - _tunnelSent + 1);
        Link.FromPeer(_tunnel.AsSpan(_tunnelSent, count));
        _tunnelSent += count;
    }

    private void Leave()
    {
        _hasLeft = true;
        if (_world.Random.Next(2) == 0)
        {
            _world.Note($"{Link.Name} ends");
            Link.EndFromPeer();
        }
        else
        {
            _world.Note($"{Link.Name} resets");
            HasEnded = WasReset = true;
            Link.ResetFromPeer();
        }
    }
}
