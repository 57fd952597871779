using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A message as it was on the wire, as far as it has come. Texts are Latin-1: one character is one byte.</summary>
internal sealed class HttpMessage
{
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    public string Start { get; init; } = string.Empty;

    /// <summary>Names are lower-case.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Of a response; 0 if it is none.</summary>
    public int Status { get; init; }

    /// <summary>Decoded.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    public IReadOnlyList<(string Name, string Value)> Trailers { get; private set; } = [];

    /// <summary><c>none</c>, <c>length</c>, <c>chunked</c>, <c>close</c> or <c>upgraded</c>.</summary>
    public string Framing { get; private set; } = "none";

    public bool IsComplete { get; private set; } = true;

    /// <summary>What came behind it.</summary>
    public ReadOnlyMemory<byte> Rest { get; private set; }

    public bool IsFinal => Status is 101 or 0 or >= 200;

    public string BodyText => Encoding.Latin1.GetString(Body.Span);

    public static HttpMessage OfStream(int status, IReadOnlyList<(string Name, string Value)> headers, byte[] body, IReadOnlyList<(string Name, string Value)> trailers, bool isComplete) =>
        new() { Start = "HTTP/2", Status = status, Headers = headers, Body = body, Trailers = trailers, IsComplete = isComplete, Framing = "length" };

    public static bool HasHead(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOf(HeadEnd) >= 0;

    /// <summary>The values of all headers of a name.</summary>
    public List<string> All(string name) => [.. Headers.Where(header => header.Name == name).Select(header => header.Value)];

    /// <summary>Reads a request; null as long as its head is not whole.</summary>
    public static HttpMessage? Request(ReadOnlyMemory<byte> bytes) => Read(bytes)?.Framed();

    /// <summary>All requests of a connection; the last may be unfinished.</summary>
    public static IEnumerable<HttpMessage> Requests(ReadOnlyMemory<byte> bytes)
    {
        while (Request(bytes) is { } request)
        {
            yield return request;
            if (!request.IsComplete)
            {
                yield break;
            }

            bytes = request.Rest;
        }
    }

    /// <summary>All responses of a connection; what is none has the status 0.</summary>
    /// <param name="bytes">What was received.</param>
    /// <param name="methods">The methods of the requests; the last one holds for all others.</param>
    /// <param name="ended">Whether the connection has ended.</param>
    public static List<HttpMessage> Responses(ReadOnlyMemory<byte> bytes, IReadOnlyList<string> methods, bool ended)
    {
        var responses = new List<HttpMessage>();
        var finals = 0;
        while (!bytes.IsEmpty)
        {
            if (Read(bytes) is not { } response)
            {
                responses.Add(new HttpMessage { Body = bytes, Framing = "garbage", IsComplete = false });
                break;
            }

            response.FramedAsResponse(methods[Math.Min(finals, methods.Count - 1)], ended);
            responses.Add(response);
            bytes = response.Rest;
            finals += response.Status >= 200 ? 1 : 0;
            if (!response.IsComplete || response.Status == 101)
            {
                break;
            }
        }

        return responses;
    }

    private static HttpMessage? Read(ReadOnlyMemory<byte> bytes)
    {
        var end = bytes.Span.IndexOf(HeadEnd);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.Latin1.GetString(bytes.Span[..end]);
        var first = head.IndexOf("\r\n", StringComparison.Ordinal);
        var start = first < 0 ? head : head[..first];
        var words = start.Split(' ');
        return new HttpMessage
        {
            Start = start,
            Headers = Fields(first < 0 ? string.Empty : head[first..]),
            Status = start.StartsWith("HTTP/", StringComparison.Ordinal) && words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0,
            Rest = bytes[(end + 4)..],
        };
    }

    private static List<(string Name, string Value)> Fields(string lines) =>
    [
        .. lines.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', 2))
            .Select(pair => (pair[0].ToLowerInvariant(), pair.Length > 1 ? pair[1].Trim(' ', '\t') : string.Empty)),
    ];

    private HttpMessage FramedAsResponse(string method, bool ended)
    {
        if (Status == 101)
        {
            (Framing, Body, Rest) = ("upgraded", Rest, default);
            return this;
        }

        if (Status is < 200 or 204 or 304 || method == "HEAD")
        {
            return this;
        }

        Framed();
        if (Framing == "none")
        {
            (Framing, Body, Rest, IsComplete) = ("close", Rest, default, ended);
        }

        return this;
    }

    private HttpMessage Framed()
    {
        if (All("transfer-encoding").Any(value => value.Contains("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            Framing = "chunked";
            Dechunk();
        }
        else if (All("content-length") is [var text, ..] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            Framing = "length";
            var here = (int)Math.Min(length, Rest.Length);
            (Body, Rest, IsComplete) = (Rest[..here], Rest[here..], here == length);
        }

        return this;
    }

    private void Dechunk()
    {
        var body = new MemoryStream();
        var input = Rest;
        while (true)
        {
            var line = input.Span.IndexOf("\r\n"u8);
            if (line < 0 || !long.TryParse(Encoding.Latin1.GetString(input.Span[..line]).Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
            {
                break;
            }

            input = input[(line + 2)..];
            if (size == 0)
            {
                var end = input.Span.StartsWith("\r\n"u8) ? 0 : input.Span.IndexOf(HeadEnd) is var at and >= 0 ? at + 2 : -1;
                if (end >= 0)
                {
                    (Body, Trailers, Rest) = (body.ToArray(), Fields(Encoding.Latin1.GetString(input.Span[..end])), input[(end + 2)..]);
                    return;
                }

                break;
            }

            var here = (int)Math.Min(size, input.Length);
            body.Write(input.Span[..here]);
            if (input.Length < size + 2)
            {
                break;
            }

            input = input[(here + 2)..];
        }

        (Body, Rest, IsComplete) = (body.ToArray(), default, false);
    }
}
