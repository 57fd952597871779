namespace PaaS.Routing;

/// <summary>
/// The client of a request, as its exchange sees it: bytes of HTTP/1 on a link (<see cref="RequestHalf"/>), or an <c>HttpContext</c>. Everything is
/// called on the request's lane; what is sent may be gathered until <see cref="Flush"/>.
/// </summary>
internal interface IClientHalf
{
    /// <summary>Bytes of the response that the client has not taken yet.</summary>
    int Unsent { get; }

    /// <summary>Whether anything may still be said to it.</summary>
    bool IsOpen { get; }

    /// <summary>A dyno was found: the router itself answers an <c>Expect: 100-continue</c>.</summary>
    void SendContinue();

    /// <summary>Relays a 1xx, except 101. A client that can't read one gets none.</summary>
    void SendInterim(ResponseHead head, ReadOnlySpan<byte> input);

    /// <summary>Relays the head of the final response.</summary>
    /// <param name="head">The head.</param>
    /// <param name="input">What it was read from.</param>
    /// <param name="body">How the dyno frames the body that follows; <see cref="BodyKind.None"/> if none does. The client half frames it for its client.</param>
    /// <param name="keepAlive">Whether the exchange leaves the client's connection in order for another request.</param>
    void BeginResponse(ResponseHead head, ReadOnlySpan<byte> input, BodyFraming body, bool keepAlive);

    /// <summary>Relays bytes of the body, or of a tunnel.</summary>
    void SendData(ReadOnlySpan<byte> data);

    /// <summary>The body is whole.</summary>
    /// <param name="trailers">Trailer lines, each with its CRLF.</param>
    void EndResponse(ReadOnlySpan<byte> trailers);

    /// <summary>Relays a 101: what follows both ways are the bytes of another protocol.</summary>
    void BeginTunnel(ResponseHead head, ReadOnlySpan<byte> input);

    /// <summary>The dyno's end of a tunnel has ended; the client's may go on.</summary>
    void EndTunnel();

    /// <summary>Answers with an error of the router; nothing of a response was sent before.</summary>
    void SendError(in ErrorAnswer answer, bool keepAlive);

    /// <summary>Ends a response that was begun so that the client sees that it is not whole.</summary>
    void Cut();

    /// <summary>Sends what was gathered.</summary>
    void Flush();

    /// <summary>No more of the request's body for now: the dyno can't take it.</summary>
    void PauseBody();

    /// <summary>The dyno can take more of the request's body.</summary>
    void ResumeBody();

    /// <summary>The exchange is over and its log line is written. It must not be touched again.</summary>
    /// <param name="keepAlive">Whether another request may follow.</param>
    void Done(bool keepAlive);
}
