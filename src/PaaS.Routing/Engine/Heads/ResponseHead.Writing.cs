namespace PaaS.Routing;

internal sealed partial class ResponseHead
{
    /// <summary>More than all that is written besides the dyno's lines and the texts of <see cref="ResponseHeadFields"/>.</summary>
    private const int Room = 256;

    /// <summary>The headers that pass to a client, without framing and without what the router writes itself (<see cref="WriteVia"/>).</summary>
    public PassingHeaders Passing(ReadOnlySpan<byte> input) => new(new PassingFields(input, _fields, _headers, Length - 2, 0));

    /// <summary>Writes the value of Via: the dyno's lines joined in order, then ours.</summary>
    public void WriteVia(ByteBuffer output, ReadOnlySpan<byte> input, ReadOnlySpan<byte> via)
    {
        var writer = new SpanWriter(output.GetSpan(Length + via.Length));
        _fields.WriteList(ref writer, input, FieldKind.Via, via);
        output.Advance(writer.Length);
    }

    /// <summary>Writes the whole head for a client of HTTP/1.</summary>
    public void WriteTo(ByteBuffer output, ReadOnlySpan<byte> input, in ResponseHeadFields fields)
    {
        var writer = new SpanWriter(output.GetSpan(Length + fields.Via.Length + fields.Date.Length + fields.Extra.Length + Room));
        var from = 0;
        if (IsHttp10 || input[VersionLength + 3] != ' ')
        {
            writer.Write("HTTP/1.1 "u8);
            writer.Write(input.Slice(VersionLength, 3));
            writer.Write(" "u8);
            writer.Write(Reason.Of(input));
            writer.Write("\r\n"u8);
            from = _headers;
        }

        _fields.WritePassing(ref writer, input, from, _headers, Length - 2, 0);
        writer.Write(fields.Extra);
        writer.Write("Via: "u8);
        _fields.WriteList(ref writer, input, FieldKind.Via, fields.Via);
        if (!_hasDate && !fields.Date.IsEmpty)
        {
            writer.Write("\r\nDate: "u8);
            writer.Write(fields.Date);
        }

        var framing = fields.RelaysFraming ? Body : fields.Framing;
        if (framing.Kind == BodyKind.Length)
        {
            writer.Write("\r\nContent-Length: "u8);
            writer.WriteNumber(framing.Length);
        }
        else if (framing.Kind == BodyKind.Chunked)
        {
            writer.Write("\r\nTransfer-Encoding: chunked"u8);
        }

        switch (fields.Connection)
        {
            case ConnectionWord.Close:
                writer.Write("\r\nConnection: close"u8);
                break;
            case ConnectionWord.KeepAlive:
                writer.Write("\r\nConnection: keep-alive"u8);
                break;
            case ConnectionWord.Upgrade:
                if (!Upgrade.IsEmpty)
                {
                    writer.Write("\r\nUpgrade: "u8);
                    writer.Write(Upgrade.Of(input));
                }

                writer.Write("\r\nConnection: Upgrade"u8);
                break;
        }

        writer.Write("\r\n\r\n"u8);
        output.Advance(writer.Length);
    }

    /// <summary>Walks over the headers that pass.</summary>
    public ref struct PassingHeaders
    {
        private PassingFields _fields;

        internal PassingHeaders(PassingFields fields) => _fields = fields;

        public readonly Slice Name => _fields.Name;

        public readonly Slice Value => _fields.Value;

        public bool MoveNext() => _fields.MoveNext();
    }
}
