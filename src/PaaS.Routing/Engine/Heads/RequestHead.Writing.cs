namespace PaaS.Routing;

internal sealed partial class RequestHead
{
    /// <summary>More than all that is written besides the client's lines and the texts of <see cref="RequestHeadFields"/>.</summary>
    private const int Room = 512;

    /// <summary>Writes the X-Forwarded-For that the dyno gets: the client's lines joined in order, then its address.</summary>
    public void WriteForwardedFor(ByteBuffer output, ReadOnlySpan<byte> input, ReadOnlySpan<byte> peer)
    {
        var writer = new SpanWriter(output.GetSpan(Length + peer.Length));
        _fields.WriteList(ref writer, input, FieldKind.ForwardedFor, peer);
        output.Advance(writer.Length);
    }

    /// <summary>
    /// Writes the head for a dyno: request line, the client's headers that pass, ours, the body's framing. Not written, for it differs from one
    /// attempt to the next (<see cref="RequestHeadTail"/>): Connect-Time, Total-Route-Time, Connection, Upgrade and the empty line.
    /// </summary>
    public void WriteTo(ByteBuffer output, ReadOnlySpan<byte> input, in RequestHeadFields fields)
    {
        var size = Length + fields.Peer.Length + fields.RequestId.Length + fields.Via.Length + fields.TraceParent.Length + Room;
        var writer = new SpanWriter(output.GetSpan(size));

        // A request line that is to leave as it came is copied together with the headers behind it.
        var from = Method.Start;
        if (IsHttp10 || Path != Target)
        {
            WriteRequestLine(ref writer, input);
            from = _headers;
        }

        var kept = fields.TraceParent.IsEmpty ? 1u << (int)FieldKind.TraceParent : 0;
        kept |= fields.DropForwardedHost ? 0 : 1u << (int)FieldKind.ForwardedHost;
        _fields.WritePassing(ref writer, input, from, _headers, Length - 2, kept);

        writer.Write("X-Forwarded-For: "u8);
        _fields.WriteList(ref writer, input, FieldKind.ForwardedFor, fields.Peer);
        writer.Write(fields.IsTls ? "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: "u8 : "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: "u8);
        writer.WriteNumber(fields.Port);
        writer.Write("\r\nX-Request-Id: "u8);
        writer.Write(fields.RequestId);
        writer.Write("\r\nX-Request-Start: "u8);
        writer.WriteNumber(fields.StartedAt);
        writer.Write("\r\nVia: "u8);
        _fields.WriteList(ref writer, input, FieldKind.Via, fields.Via);
        if (!fields.TraceParent.IsEmpty)
        {
            writer.Write("\r\ntraceparent: "u8);
            writer.Write(fields.TraceParent);
        }

        if (fields.PassExpect && Expect == Expectation.Continue)
        {
            writer.Write("\r\nExpect: 100-continue"u8);
        }

        if (Body.Kind == BodyKind.Chunked)
        {
            writer.Write("\r\nTransfer-Encoding: chunked"u8);
        }
        else if (Body.Kind == BodyKind.Length)
        {
            writer.Write("\r\nContent-Length: "u8);
            writer.WriteNumber(Body.Length);
        }

        writer.Write("\r\n"u8);
        output.Advance(writer.Length);
    }

    private void WriteRequestLine(ref SpanWriter writer, ReadOnlySpan<byte> input)
    {
        var method = Method.Of(input);
        var path = Path.Of(input);
        writer.Write(method);
        writer.Write(" "u8);
        if (path.IsEmpty)
        {
            // OPTIONS for an URL without a path asks about the server as a whole (RFC 9112, 3.2.4).
            writer.Write(method.SequenceEqual("OPTIONS"u8) ? "*"u8 : "/"u8);
        }
        else if (path[0] == '?')
        {
            writer.Write("/"u8);
        }

        writer.Write(path);
        writer.Write(" HTTP/1.1\r\n"u8);
    }
}
