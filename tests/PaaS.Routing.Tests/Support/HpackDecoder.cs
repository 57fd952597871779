using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Reads header blocks of a peer that was told to keep no dynamic table (RFC 7541). Huffman strings are not needed: no server here writes them.</summary>
internal ref struct HpackDecoder(ReadOnlySpan<byte> block)
{
    private static readonly (string Name, string Value)[] Static =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"),
        (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
        ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""), ("content-range", ""), ("content-type", ""),
        ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
        ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    private ReadOnlySpan<byte> _left = block;

    public List<(string Name, string Value)> Read()
    {
        var headers = new List<(string, string)>();
        while (!_left.IsEmpty)
        {
            var first = _left[0];
            if ((first & 0x80) != 0)
            {
                headers.Add(Entry(Number(7)));
            }
            else if ((first & 0xE0) == 0x20)
            {
                Number(5); // a new size of the dynamic table
            }
            else
            {
                var index = Number((first & 0xC0) == 0x40 ? 6 : 4);
                var name = index == 0 ? Text() : Entry(index).Name;
                headers.Add((name, Text()));
            }
        }

        return headers;
    }

    private static (string Name, string Value) Entry(int index) =>
        index >= 1 && index <= Static.Length ? Static[index - 1] : throw new InvalidDataException($"Header {index} is not of the static table.");

    private int Number(int prefix)
    {
        var most = (1 << prefix) - 1;
        var number = _left[0] & most;
        _left = _left[1..];
        if (number < most)
        {
            return number;
        }

        for (var shift = 0; ; shift += 7)
        {
            var next = _left[0];
            _left = _left[1..];
            number += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return number;
            }
        }
    }

    private string Text()
    {
        if ((_left[0] & 0x80) != 0)
        {
            throw new InvalidDataException("A Huffman string: this client does not read them.");
        }

        var length = Number(7);
        var text = Encoding.Latin1.GetString(_left[..length]);
        _left = _left[length..];
        return text;
    }
}
