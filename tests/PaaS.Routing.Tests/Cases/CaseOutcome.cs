using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>What one client of a case received.</summary>
/// <param name="Responses">Its responses, interim ones too.</param>
/// <param name="Raw">All bytes, one character each.</param>
/// <param name="IsOpen">Whether its connection still stands.</param>
internal sealed record CaseClientView(IReadOnlyList<HttpMessage> Responses, string Raw, bool IsOpen)
{
    public IReadOnlyList<HttpMessage> Finals { get; } = [.. Responses.Where(one => one.IsFinal)];

    public IEnumerable<int> Interim => Responses.Where(one => !one.IsFinal).Select(one => one.Status);

    public static CaseClientView Of(CasePeer peer, IReadOnlyList<string> methods)
    {
        var ended = peer.Ended is not null;
        var received = peer.Received;
        return new CaseClientView(HttpMessage.Responses(received, methods, ended), Encoding.Latin1.GetString(received.Span), !ended);
    }
}

/// <summary>What became of a case, as all around the router saw it.</summary>
internal sealed record CaseOutcome
{
    /// <summary>The clients; more than one if the case repeats a request.</summary>
    public required IReadOnlyList<CaseClientView> Clients { get; init; }

    /// <summary>What the nodes saw: each connection, in the order in which they were made.</summary>
    public required IReadOnlyList<(string Node, ReadOnlyMemory<byte> Received, bool IsOpen)> Connections { get; init; }

    /// <summary>The app's router lines.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>How long the client's steps took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How often each node was chosen.</summary>
    public required Func<string, int> Attempts { get; init; }

    /// <summary>How many requests the operator made besides.</summary>
    public int OperatorRequests { get; init; }

    /// <summary>With which HTTP/2 errors streams ended.</summary>
    public IReadOnlyList<string> StreamErrors { get; init; } = [];

    public long Flooded { get; init; }

    /// <summary>Steps that did not get what they must.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public HttpMessage? First => Clients[0].Finals is [var first, ..] ? first : null;

    /// <summary>All requests that nodes saw.</summary>
    public IReadOnlyList<HttpMessage> Requests => [.. Connections.SelectMany(one => HttpMessage.Requests(one.Received))];

    /// <summary>All bytes that nodes saw.</summary>
    public string NodesRaw => string.Concat(Connections.Select(one => Encoding.Latin1.GetString(one.Received.Span)));
}
