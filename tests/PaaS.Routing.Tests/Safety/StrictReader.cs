using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

internal enum StrictResult
{
    /// <summary>It is not whole.</summary>
    NeedMore,
    Whole,

    /// <summary>Not a request: nothing behind it may be read.</summary>
    Bad,
}

/// <summary>
/// Reads requests as strictly as RFC 9112 allows anybody to: what this calls bad may not reach a dyno, and where this says that a body ends, it ends.
/// Written without a thought for speed and without a look at the router's reader, which is held to it.
/// </summary>
internal static class StrictReader
{
    private const string TokenSigns = "!#$%&'*+-.^_`|~";

    /// <summary>All requests of a stream, the last of them as far as it came; and how the stream ends.</summary>
    public static (List<StrictRequest> Requests, StreamEnd End) ReadAll(ReadOnlySpan<byte> input) => ReadAll(input, out _);

    /// <param name="input">The stream.</param>
    /// <param name="refusesHead">Whether the request at which it ends as refused is a HEAD: its answer has no body.</param>
    public static (List<StrictRequest> Requests, StreamEnd End) ReadAll(ReadOnlySpan<byte> input, out bool refusesHead)
    {
        var requests = new List<StrictRequest>();
        refusesHead = false;
        while (true)
        {
            if (input.IsEmpty)
            {
                return (requests, StreamEnd.Clean);
            }

            var result = Read(input, out var request, out var taken, out _);
            if (request is not null)
            {
                requests.Add(request);
            }
            else
            {
                refusesHead = input.TrimStart("\r\n"u8).StartsWith("HEAD "u8);
            }

            if (result != StrictResult.Whole)
            {
                return (requests, result == StrictResult.Bad ? StreamEnd.Refused : StreamEnd.Cut);
            }

            if (!request!.KeepsConnection)
            {
                return (requests, StreamEnd.Closes);
            }

            input = input[taken..];
        }
    }

    /// <summary>Reads one request. It is there as soon as its head is, also when its body is cut or bad.</summary>
    public static StrictResult Read(ReadOnlySpan<byte> input, out StrictRequest? request, out int taken, out string? fault)
    {
        request = null;
        taken = 0;
        var lines = new List<string>();
        for (var empties = 0; ;)
        {
            var result = ReadLine(input, ref taken, out var line, out fault);
            if (result != StrictResult.Whole)
            {
                return result;
            }

            if (line.Length > 0)
            {
                lines.Add(line);
            }
            else if (lines.Count > 0)
            {
                break;
            }
            else if (++empties > 5)
            {
                fault = "six empty lines";
                return StrictResult.Bad;
            }
        }

        fault = ReadHead(lines, out request, out var length, out var chunked);
        if (fault is not null)
        {
            request = null;
            return StrictResult.Bad;
        }

        return chunked ? ReadChunks(input, ref taken, request!, out fault) : ReadBody(input, ref taken, request!, length);
    }

    private static StrictResult ReadBody(ReadOnlySpan<byte> input, ref int taken, StrictRequest request, long length)
    {
        var count = (int)Math.Min(length, input.Length - taken);
        request.Body = input.Slice(taken, count).ToArray();
        taken += count;
        request.IsWhole = count == length;
        return request.IsWhole ? StrictResult.Whole : StrictResult.NeedMore;
    }

    private static StrictResult ReadLine(ReadOnlySpan<byte> input, ref int taken, out string line, out string? fault)
    {
        line = "";
        fault = null;
        var rest = input[taken..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            return StrictResult.NeedMore;
        }

        if (end == 0 || rest[end - 1] != '\r' || rest[..(end - 1)].ContainsAny((byte)'\r', (byte)0))
        {
            fault = $"CR, LF or NUL in the line '{Escaped.Bytes(rest[..(end + 1)])}'";
            return StrictResult.Bad;
        }

        line = Encoding.Latin1.GetString(rest[..(end - 1)]);
        taken += end + 1;
        return StrictResult.Whole;
    }

    private static string? ReadHead(List<string> lines, out StrictRequest? request, out long length, out bool chunked)
    {
        request = null;
        length = 0;
        chunked = false;
        var parts = lines[0].Split(' ');
        if (parts.Length != 3 || !IsToken(parts[0]) || parts[0] == "CONNECT" || parts[1].Length == 0 || parts[2] is not ("HTTP/1.1" or "HTTP/1.0"))
        {
            return $"the request line '{Escaped.Text(lines[0])}'";
        }

        if (parts[1].Any(c => c is <= ' ' or '\x7f'))
        {
            return $"the target '{Escaped.Text(parts[1])}'";
        }

        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !IsToken(line[..colon]))
            {
                return $"the header line '{Escaped.Text(line)}'";
            }

            headers.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        request = new StrictRequest(parts[0], parts[1], parts[2], headers);
        if (request.All("Host") is not [{ Length: > 0 } host] || (request.Target.Contains("://", StringComparison.Ordinal) && !request.Target.StartsWith('/') && !AuthorityOf(request.Target).Equals(host, StringComparison.OrdinalIgnoreCase)))
        {
            return $"Host: {Escaped.Text(string.Join(" and ", request.All("Host")))}";
        }

        return ReadFraming(request, out length, out chunked);
    }

    private static string AuthorityOf(string target)
    {
        var authority = target[(target.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var end = authority.AsSpan().IndexOfAny("/?#");
        return end < 0 ? authority : authority[..end];
    }

    private static string? ReadFraming(StrictRequest request, out long length, out bool chunked)
    {
        length = 0;
        chunked = false;
        var codings = request.All("Transfer-Encoding");
        var lengths = request.All("Content-Length");
        if (codings.Count > 0)
        {
            if (codings is not [var coding] || !coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) || request.Version != "HTTP/1.1")
            {
                return $"Transfer-Encoding: {Escaped.Text(string.Join(" and ", codings))} in {request.Version}";
            }

            chunked = true;
        }

        for (var i = 0; i < lengths.Count; i++)
        {
            var last = length;
            if (lengths[i].Length == 0 || lengths[i].Any(c => c is < '0' or > '9') || !long.TryParse(lengths[i], NumberStyles.None, CultureInfo.InvariantCulture, out length) || (i > 0 && length != last))
            {
                return $"Content-Length: {Escaped.Text(string.Join(" and ", lengths))}";
            }
        }

        var words = request.All("Connection").SelectMany(value => value.Split(',')).Select(word => word.Trim(' ', '\t')).ToList();
        request.HasBothFramings = chunked && lengths.Count > 0;
        request.KeepsConnection = !request.HasBothFramings
            && !words.Contains("close", StringComparer.OrdinalIgnoreCase)
            && (request.Version == "HTTP/1.1" || words.Contains("keep-alive", StringComparer.OrdinalIgnoreCase));
        return null;
    }

    private static StrictResult ReadChunks(ReadOnlySpan<byte> input, ref int taken, StrictRequest request, out string? fault)
    {
        using var body = new MemoryStream();
        try
        {
            while (true)
            {
                var result = ReadLine(input, ref taken, out var line, out fault);
                if (result != StrictResult.Whole)
                {
                    return result;
                }

                if (!TryReadSize(line, request, out var size))
                {
                    fault = $"the chunk line '{Escaped.Text(line)}'";
                    return StrictResult.Bad;
                }

                if (size == 0)
                {
                    return ReadTrailers(input, ref taken, request, out fault);
                }

                var count = (int)Math.Min(size, input.Length - taken);
                body.Write(input.Slice(taken, count));
                taken += count;
                var end = input[taken..];
                if (count < size || (end.Length < 2 && "\r\n"u8.StartsWith(end)))
                {
                    return StrictResult.NeedMore;
                }

                if (!end.StartsWith("\r\n"u8))
                {
                    fault = "a chunk without CRLF at its end";
                    return StrictResult.Bad;
                }

                taken += 2;
            }
        }
        finally
        {
            request.Body = body.ToArray();
        }
    }

    private static bool TryReadSize(string line, StrictRequest request, out long size)
    {
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        request.HasChunkExtensions |= semicolon >= 0;
        var digits = semicolon < 0 ? line : line[..semicolon].TrimEnd(' ', '\t');
        size = 0;
        return digits.Length is > 0 and <= 16 && digits.All(char.IsAsciiHexDigit)
            && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out size) && size >= 0;
    }

    private static StrictResult ReadTrailers(ReadOnlySpan<byte> input, ref int taken, StrictRequest request, out string? fault)
    {
        while (true)
        {
            var result = ReadLine(input, ref taken, out var line, out fault);
            if (result != StrictResult.Whole)
            {
                return result;
            }

            if (line.Length == 0)
            {
                request.IsWhole = true;
                return StrictResult.Whole;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !IsToken(line[..colon]))
            {
                fault = $"the trailer '{Escaped.Text(line)}'";
                return StrictResult.Bad;
            }

            request.Trailers.Add(line);
        }
    }

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || TokenSigns.Contains(c, StringComparison.Ordinal));
}

/// <summary>How a client's stream of requests ends.</summary>
internal enum StreamEnd
{
    /// <summary>Behind a whole request, and another could follow.</summary>
    Clean,

    /// <summary>Within a request.</summary>
    Cut,

    /// <summary>Behind a request after which the connection is closed.</summary>
    Closes,

    /// <summary>By bytes that are not a request.</summary>
    Refused,
}
