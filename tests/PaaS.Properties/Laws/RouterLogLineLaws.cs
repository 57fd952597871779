using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Routing;

namespace PaaS.Properties;

public class RouterLogLineLaws
{
    private static readonly Gen<string> Value = Gen.OneOf(
        Texts.Any.Generator,
        Texts.Of("ab/?=&%\"\\ \r\n\t\0\u007f\u00e9\u20ac,x", 0, 40),
        Texts.Of("\"\\\n\u00ff\u20ac", 5_000, 12_000));

    private static readonly Gen<Line> Lines =
        from method in Value
        from path in Value
        from host in Value
        from id in Value
        from forwarded in Value
        from status in Gen.Choose(100, 999)
        from bytes in Gen.Choose(0, int.MaxValue)
        from error in Gen.Elements(null, RouterError.ClientInterrupted, RouterError.BadChunk, RouterError.RequestTimeout)
        from known in Gen.Elements(true, false)
        select new Line(method, path, host, id, forwarded)
        {
            Status = status,
            Bytes = bytes,
            Error = error,
            Dyno = known ? "web.1" : null,
            Connect = known ? bytes : null,
            Service = known ? status : null,
            TlsVersion = known ? "tls1.3" : null,
        };

    [Fact]
    public void A_line_is_printable_ASCII_and_fits_one_log_line() =>
        Law.Holds(Lines, line => line.ToBytes() is { Length: <= LogStream.MaxLineBytes } bytes && !bytes.AsSpan().ContainsAnyExceptInRange((byte)0x20, (byte)0x7e));

    [Fact]
    public void A_line_reads_back_with_its_keys_in_order_whatever_the_values_hold() =>
        Law.Holds(Lines, line =>
        {
            var fields = Read(Encoding.ASCII.GetString(line.ToBytes()));
            string?[] keys =
            [
                line.Error?.Sock is null ? null : "sock", "at", line.Error is null ? null : "code", line.Error is null ? null : "desc", line.Error?.Cause is null ? null : "cause",
                "method", "path", "host", "request_id", "fwd", "dyno", "connect", "service", "status", "bytes", "protocol", "tls", line.TlsVersion is null ? null : "tls_version",
            ];
            return fields.Select(field => field.Key).SequenceEqual(keys.OfType<string>());
        });

    [Fact]
    public void Every_value_reads_back_as_its_bytes_or_the_beginning_of_them() =>
        Law.Holds(Lines, line =>
        {
            var fields = Read(Encoding.ASCII.GetString(line.ToBytes())).ToDictionary(field => field.Key, field => field.Value);
            return Begins(line.Path, fields["path"], 2000) && Begins(line.ForwardedFor, fields["fwd"], 70) && Begins(line.Host, fields["host"], 70)
                && Begins(line.Method, fields["method"], 30) && Begins(line.RequestId, fields["request_id"], 50)
                && fields["status"] == line.Status.ToString(CultureInfo.InvariantCulture) && fields["bytes"] == line.Bytes.ToString(CultureInfo.InvariantCulture);
        });

    /// <summary>Whole up to a number of bytes that always fit; longer ones may be cut.</summary>
    private static bool Begins(string value, string read, int whole)
    {
        var bytes = Bytes(value);
        return bytes.StartsWith(read, StringComparison.Ordinal) && (bytes.Length > whole || read == bytes);
    }

    /// <summary>What stands for a value, one character per byte: a character up to U+00FF is a byte, any other its UTF-8.</summary>
    private static string Bytes(string value)
    {
        var bytes = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            bytes.Append(rune.Value <= 0xFF ? ((char)rune.Value).ToString() : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(rune.ToString())));
        }

        return bytes.ToString();
    }

    /// <summary>The parts of a line.</summary>
    private sealed record Line(string Method, string Path, string Host, string RequestId, string ForwardedFor)
    {
        public int Status { get; init; }

        public long Bytes { get; init; }

        public RouterError? Error { get; init; }

        public string? Dyno { get; init; }

        public long? Connect { get; init; }

        public long? Service { get; init; }

        public string? TlsVersion { get; init; }

        public byte[] ToBytes()
        {
            var buffer = new byte[LogStream.MaxLineBytes];
            var written = new RouterLogLine
            {
                Method = Of(Method),
                Path = Of(Path),
                Host = Of(Host),
                RequestId = Of(RequestId),
                ForwardedFor = Of(ForwardedFor),
                Status = Status,
                Bytes = Bytes,
                Error = Error,
                Dyno = Dyno,
                Connect = Connect,
                Service = Service,
                Protocol = "http1.1",
                TlsVersion = TlsVersion,
            }.WriteTo(buffer);
            return buffer[..written];
        }

        private static byte[] Of(string value) => Encoding.Latin1.GetBytes(RouterLogLineLaws.Bytes(value));
    }

    /// <summary>A reader that knows the grammar alone: key, equals sign, bare or quoted value, blank.</summary>
    private static List<KeyValuePair<string, string>> Read(string line)
    {
        var fields = new List<KeyValuePair<string, string>>();
        for (var at = 0; at < line.Length; at++)
        {
            var equals = line.IndexOf('=', at);
            var key = line[at..equals];
            var value = new StringBuilder();
            at = equals + 1;
            if (at < line.Length && line[at] == '"')
            {
                for (at++; line[at] != '"'; at++)
                {
                    if (line[at] != '\\')
                    {
                        value.Append(line[at]);
                    }
                    else if (line[++at] == 'x')
                    {
                        value.Append((char)int.Parse(line.AsSpan(at + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                        at += 2;
                    }
                    else
                    {
                        value.Append(line[at]);
                    }
                }

                at++;
            }
            else
            {
                for (; at < line.Length && line[at] != ' '; at++)
                {
                    value.Append(line[at]);
                }
            }

            Assert.True(at == line.Length || line[at] == ' ', "A value ends at a blank.");
            fields.Add(new(key, value.ToString()));
        }

        return fields;
    }
}
