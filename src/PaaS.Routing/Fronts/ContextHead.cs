using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>
/// Writes the head of a request that a server has taken apart as bytes of HTTP/1, from its parts alone. The engine's own parser reads it then, so
/// that one rule set holds, whatever the client spoke. Nothing passes here that could end a line before its end.
/// </summary>
internal static class ContextHead
{
    private const int KeyLength = 16;

    /// <summary>Writes the head.</summary>
    /// <returns>Why it can't be written; null if it is.</returns>
    public static RequestRefusal? Write(ByteBuffer output, HttpContext context)
    {
        var request = context.Request;
        var isHttp1 = HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp10(request.Protocol);
        var connect = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: not null } feature ? feature.Protocol : null;
        if (!TryWriteWord(output, connect is null ? request.Method : "GET"))
        {
            return Refusals.Method;
        }

        output.Write((byte)' ');
        if (!TryWriteWord(output, TargetOf(request)))
        {
            return Refusals.Target;
        }

        output.Write(HttpProtocol.IsHttp10(request.Protocol) ? " HTTP/1.0\r\n"u8 : " HTTP/1.1\r\n"u8);
        var canUpgrade = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
        foreach (var (name, values) in request.Headers)
        {
            if (!Passes(name, connect is not null, canUpgrade))
            {
                continue;
            }

            // A client of HTTP/2 may send its cookies in crumbs (RFC 9113, 8.2.3).
            var isWritten = !isHttp1 && values.Count > 1 && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
                ? TryWriteLine(output, name, string.Join("; ", values.ToArray()), isHttp1)
                : TryWriteLines(output, name, values, isHttp1);
            if (!isWritten)
            {
                return Refusals.Line;
            }
        }

        if (connect is not null)
        {
            return WriteConnect(output, connect);
        }

        if (!isHttp1 && request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
        {
            output.Write("Transfer-Encoding: chunked\r\n"u8);
        }

        output.Write("\r\n"u8);
        return null;
    }

    /// <summary>Writes trailers that pass, each with its CRLF.</summary>
    public static void WriteTrailers(ByteBuffer output, IHeaderDictionary trailers)
    {
        foreach (var (name, values) in trailers)
        {
            var before = output.Length;
            if (!TryWriteLines(output, name, values, isHttp1: true) || !TrailerNames.MayPass(output.Written.Slice(before, name.Length)))
            {
                output.Truncate(before);
            }
        }
    }

    private static string TargetOf(HttpRequest request)
    {
        var raw = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return string.IsNullOrEmpty(raw) ? request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString.ToUriComponent() : raw;
    }

    /// <summary>Not the pseudo-headers of HTTP/2, not what Kestrel renames a length to that came together with chunked, and no upgrade that the server could not make (Kestrel: of a request with a body).</summary>
    private static bool Passes(string name, bool isConnect, bool canUpgrade) =>
        !name.StartsWith(':')
        && !name.Equals("X-Content-Length", StringComparison.OrdinalIgnoreCase)
        && (canUpgrade || !name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase))
        && !(isConnect && name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase));

    /// <summary>A WebSocket over HTTP/2 (RFC 8441) is the ordinary upgrade for a dyno, which wants a key.</summary>
    private static RequestRefusal? WriteConnect(ByteBuffer output, string protocol)
    {
        output.Write("Connection: Upgrade\r\n"u8);
        if (!TryWriteLine(output, "Upgrade", protocol, isHttp1: true))
        {
            return Refusals.Line;
        }

        Span<byte> key = stackalloc byte[KeyLength];
        RandomNumberGenerator.Fill(key);
        TryWriteLine(output, "Sec-WebSocket-Key", Convert.ToBase64String(key), isHttp1: true);
        output.Write("\r\n"u8);
        return null;
    }

    private static bool TryWriteLines(ByteBuffer output, string name, Microsoft.Extensions.Primitives.StringValues values, bool isHttp1)
    {
        foreach (var value in values)
        {
            if (!TryWriteLine(output, name, value ?? string.Empty, isHttp1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteLine(ByteBuffer output, string name, string value, bool isHttp1)
    {
        var start = output.Length;
        if (!TryWriteWord(output, name) || !FieldSyntax.IsToken(output.Written[start..]))
        {
            return false;
        }

        var text = value.AsSpan();
        if (text.ContainsAnyInRange('\0', '\x08') || text.ContainsAnyInRange('\x0A', '\x1F') || text.Contains('\x7F') || (!isHttp1 && text.Length != text.Trim().Length))
        {
            return false;
        }

        output.Write(": "u8);

        // Values are bytes, one for each character. A server that was not set up by RouterListener has read them as UTF-8.
        var encoding = text.ContainsAnyExceptInRange('\0', '\xFF') ? Encoding.UTF8 : Encoding.Latin1;
        output.Advance(encoding.GetBytes(value, output.GetSpan(encoding.GetMaxByteCount(value.Length))));
        output.Write("\r\n"u8);
        return true;
    }

    /// <summary>Writes a text that may have neither blanks nor control characters.</summary>
    private static bool TryWriteWord(ByteBuffer output, string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyInRange('\0', ' ') || text.AsSpan().ContainsAnyExceptInRange('!', '\xFF') || text.Contains('\x7F', StringComparison.Ordinal))
        {
            return false;
        }

        output.Advance(Encoding.Latin1.GetBytes(text, output.GetSpan(text.Length)));
        return true;
    }
}
