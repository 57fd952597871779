using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A request as it stood on a wire. Texts are Latin-1, one character one byte.</summary>
internal sealed record StrictRequest(string Method, string Target, string Version, List<KeyValuePair<string, string>> Headers)
{
    /// <summary>The body without its coding, as far as it came.</summary>
    public byte[] Body { get; set; } = [];

    public List<string> Trailers { get; } = [];

    /// <summary>Whether its end has come.</summary>
    public bool IsWhole { get; set; }

    public bool HasBothFramings { get; set; }

    public bool HasChunkExtensions { get; set; }

    /// <summary>Whether another request may follow on the connection.</summary>
    public bool KeepsConnection { get; set; } = true;

    /// <summary>The target without scheme and authority, and without a fragment: what a dyno is asked for.</summary>
    public string Url
    {
        get
        {
            var scheme = Target.IndexOf("://", StringComparison.Ordinal);
            var target = Target;
            if (scheme > 0 && !target.StartsWith('/'))
            {
                var slash = target.AsSpan(scheme + 3).IndexOfAny("/?#");
                target = slash < 0 ? "" : target[(scheme + 3 + slash)..];
                target = target.StartsWith('/') ? target : Method == "OPTIONS" && target.Length == 0 ? "*" : "/" + target;
            }

            var fragment = target.IndexOf('#', StringComparison.Ordinal);
            return fragment < 0 ? target : target[..fragment];
        }
    }

    public List<string> All(string name) => [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    public string Id => All("X-Request-Id") is [var id] ? id : string.Empty;

    /// <summary>The address of the client, which the router has put last.</summary>
    public string Peer => All("X-Forwarded-For") is [var list] ? list.Split(", ")[^1] : string.Empty;

    public override string ToString() =>
        $"{Method} {Escaped.Text(Target)} {Version}, body of {Body.Length} bytes{(IsWhole ? "" : " (cut)")}: {Escaped.Text(Encoding.Latin1.GetString(Body.AsSpan(0, Math.Min(Body.Length, 200))))}";
}

/// <summary>Bytes as text that shows each of them.</summary>
internal static class Escaped
{
    public static string Bytes(ReadOnlySpan<byte> bytes) => Text(Encoding.Latin1.GetString(bytes));

    public static string Text(string text)
    {
        var escaped = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (escaped.Length > 4000)
            {
                return escaped.Append($"« and {text.Length - i} bytes more »").ToString();
            }

            var c = text[i];
            var run = 1;
            while (i + run < text.Length && text[i + run] == c)
            {
                run++;
            }

            var shown = c switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\\' => "\\\\",
                < ' ' or > '~' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            };
            escaped.Append(run > 30 ? $"«{shown} {run} times»" : string.Concat(Enumerable.Repeat(shown, run)));
            i += run;
        }

        return escaped.ToString();
    }
}
