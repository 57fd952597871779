using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A response as it stood on a wire.</summary>
internal sealed record StrictResponse(int Status, List<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>Whether its framing says that its end has come.</summary>
    public bool IsWhole { get; init; }

    public bool IsInterim => Status < 200 && Status != 101;

    /// <summary>The target that a recorder was asked for; null if the response is the router's own.</summary>
    public string? Seen => Header("X-Seen") is { } seen ? Encoding.Latin1.GetString(Convert.FromBase64String(seen)) : null;

    public bool Closes => string.Equals(Header("Connection"), "close", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a request was refused by the router, which may have seen a HEAD in it or not.</summary>
    private bool IsRefusal => Status >= 400 && Closes && Seen is null;

    /// <summary>Kestrel writes a 205 without any framing; RFC 9110 lets it have no content.</summary>
    private bool IsReset => Status == 205 && Header("Content-Length") is null && Header("Transfer-Encoding") is null;

    public string? Header(string name) => Headers.Find(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>All responses in the bytes that a client got, without the interim ones.</summary>
    /// <param name="input">What came.</param>
    /// <param name="isHead">Whether the request of this number was a HEAD; null: who knows.</param>
    /// <param name="isClosed">Whether no more comes.</param>
    /// <param name="fault">What a router may not send.</param>
    public static List<StrictResponse> ReadAll(ReadOnlySpan<byte> input, Func<int, bool?> isHead, bool isClosed, out string? fault)
    {
        var responses = new List<StrictResponse>();
        fault = null;
        while (!input.IsEmpty)
        {
            var end = input.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                fault = isClosed ? $"a head that is cut: {Escaped.Bytes(input)}" : null;
                return responses;
            }

            var lines = Encoding.Latin1.GetString(input[..end]).Split("\r\n");
            if (lines[0].Length < 12 || !lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !int.TryParse(lines[0].AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
                || lines.Skip(1).Any(line => line.IndexOf(':', StringComparison.Ordinal) < 1 || line.AsSpan().ContainsAny('\r', '\n', '\0')))
            {
                fault = $"not a head: {Escaped.Bytes(input)}";
                return responses;
            }

            var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1].Trim(' ', '\t'))).ToList();
            var head = new StrictResponse(status, headers, []);
            input = input[(end + 4)..];
            if (head.Header("Content-Length") is not null && head.Header("Transfer-Encoding") is not null)
            {
                fault = "both framings in a response";
            }

            if (status == 101)
            {
                // What follows is another protocol's.
                responses.Add(head with { Body = input.ToArray(), IsWhole = true });
                return responses;
            }

            var response = head.IsInterim || status is 204 or 304 || head.IsReset || ((head.IsRefusal ? null : isHead(responses.Count)) ?? (isClosed && input.IsEmpty && isHead(responses.Count) is not false)) ? head with { IsWhole = true } : head.ReadBody(ref input, isClosed, ref fault);
            if (fault is not null)
            {
                return responses;
            }

            if (!response.IsInterim)
            {
                responses.Add(response);
            }

            if (!response.IsWhole)
            {
                return responses;
            }
        }

        return responses;
    }

    private StrictResponse ReadBody(ref ReadOnlySpan<byte> input, bool isClosed, ref string? fault)
    {
        if (Header("Transfer-Encoding") is not null)
        {
            // The reader of requests knows chunks: it is given some to read.
            byte[] asRequest = [.. "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. input];
            var result = StrictReader.Read(asRequest, out var request, out var taken, out fault);
            var end = Math.Clamp(taken - (asRequest.Length - input.Length), 0, input.Length);
            input = result == StrictResult.Whole ? input[end..] : [];
            return this with { Body = request!.Body, IsWhole = result == StrictResult.Whole };
        }

        var text = Header("Content-Length");
        if (text is null)
        {
            var all = input.ToArray();
            input = [];
            return this with { Body = all, IsWhole = isClosed };
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            fault = $"Content-Length: {text}";
            return this;
        }

        var count = (int)Math.Min(length, input.Length);
        var body = input[..count].ToArray();
        input = input[count..];
        return this with { Body = body, IsWhole = count == length };
    }
}
