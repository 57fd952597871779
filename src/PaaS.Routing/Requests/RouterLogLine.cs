using System.Buffers;
using System.Globalization;
using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The one line that a request leaves in its app's log, in the field order of Heroku's Router 2.0, which log parsers rely on.
/// Nothing from outside can break it: quoted values escape quote, backslash and every byte outside printable ASCII, and a
/// value that stands unquoted is quoted as soon as it holds anything unusual. It always fits one log line.
/// </summary>
internal readonly record struct RouterLogLine
{
    private const int MaxValue = 8192;

    /// <summary>Room for all that is not path or fwd: keys, codes, method, host, id, numbers.</summary>
    private const int Reserve = 1500;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+=@[]-");

    /// <summary>What went wrong; null for an ordinary line.</summary>
    public RouterError? Error { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The target with its query, as received.</summary>
    public required string Path { get; init; }

    /// <summary>The Host header.</summary>
    public required string Host { get; init; }

    /// <summary>The id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The X-Forwarded-For that the dyno gets.</summary>
    public required string ForwardedFor { get; init; }

    /// <summary>The dyno, or the last one tried; empty if none was.</summary>
    public string? Dyno { get; init; }

    /// <summary>Time to connect, all attempts together.</summary>
    public TimeSpan? Connect { get; init; }

    /// <summary>From there to the last byte to the client.</summary>
    public TimeSpan? Service { get; init; }

    /// <summary>The status that the client got, or 499 if it went away.</summary>
    public int Status { get; init; }

    /// <summary>Bytes of the body that went to the client.</summary>
    public long Bytes { get; init; }

    /// <summary><c>http1.1</c> and the like.</summary>
    public required string Protocol { get; init; }

    /// <summary><c>tls1.3</c> and the like; null if the connection is plain.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>The line, without a line break.</summary>
    public byte[] ToBytes()
    {
        var line = new Writer(ArrayPool<byte>.Shared.Rent(LogStream.MaxLineBytes));
        try
        {
            Write(ref line);
            return line.Written.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(line.Buffer);
        }
    }

    private void Write(ref Writer line)
    {
        if (Error?.Sock is { } sock)
        {
            line.Add("sock=", sock, " ");
        }

        line.Add("at=", Error?.At ?? "info", string.Empty);
        if (Error is { } error)
        {
            line.Add(" code=", error.Code, " desc=");
            line.Quoted(error.Desc, 200);
            if (error.Cause is { } cause)
            {
                line.Raw(" cause=");
                line.Quoted(cause, 200);
            }
        }

        line.Raw(" method=");
        line.Value(Method, 140);
        line.Raw(" path=");
        var before = line.Length;
        line.Quoted(Path, MaxValue);
        var path = line.Length - before;
        line.Raw(" host=");
        line.Value(Host, 300);
        line.Raw(" request_id=");
        line.Value(RequestId, 220);
        line.Raw(" fwd=");
        line.Quoted(ForwardedFor, Math.Min(MaxValue, LogStream.MaxLineBytes - Reserve - path));
        line.Raw(" dyno=");
        line.Value(Dyno ?? string.Empty, 60);
        Milliseconds(ref line, " connect=", Connect);
        Milliseconds(ref line, " service=", Service);
        line.Number(" status=", Status, string.Empty);
        line.Number(" bytes=", Bytes, string.Empty);
        line.Add(" protocol=", Protocol, TlsVersion is null ? " tls=false" : " tls=true");
        if (TlsVersion is { } tls)
        {
            line.Add(" tls_version=", tls, string.Empty);
        }
    }

    private static void Milliseconds(ref Writer line, string key, TimeSpan? time)
    {
        if (time is { } known)
        {
            line.Number(key, (long)known.TotalMilliseconds, "ms");
        }
        else
        {
            line.Raw(key);
        }
    }

    private struct Writer(byte[] buffer)
    {
        public readonly byte[] Buffer => buffer;

        public int Length { get; private set; }

        public readonly ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

        public void Raw(string text) => Length += Encoding.ASCII.GetBytes(text, buffer.AsSpan(Length));

        public void Add(string key, string text, string tail)
        {
            Raw(key);
            Raw(text);
            Raw(tail);
        }

        public void Number(string key, long value, string tail)
        {
            Raw(key);
            value.TryFormat(buffer.AsSpan(Length), out var written, provider: CultureInfo.InvariantCulture);
            Length += written;
            Raw(tail);
        }

        public void Value(string text, int max)
        {
            if (text.AsSpan().ContainsAnyExcept(Plain) || text.Length > max)
            {
                Quoted(text, max);
            }
            else
            {
                Raw(text);
            }
        }

        /// <summary>Writes a quoted value of at most <paramref name="max"/> bytes between the quotes; what does not fit is cut, never in the middle of an escape.</summary>
        public void Quoted(string text, int max)
        {
            buffer[Length++] = (byte)'"';
            var end = Length + max;
            foreach (var rune in text.EnumerateRunes())
            {
                if (Length + Size(rune) > end)
                {
                    break;
                }

                Escaped(rune);
            }

            buffer[Length++] = (byte)'"';
        }

        private static int Size(Rune rune) => rune.Value switch
        {
            '"' or '\\' => 2,
            >= 0x20 and < 0x7F => 1,
            <= 0xFF => 4,
            _ => 4 * rune.Utf8SequenceLength,
        };

        /// <summary>The server decodes header bytes as Latin-1, so up to U+00FF a character is a byte; anything beyond comes from an embedder's decoding and is shown as its UTF-8 bytes.</summary>
        private void Escaped(Rune rune)
        {
            switch (rune.Value)
            {
                case '"' or '\\':
                    buffer[Length++] = (byte)'\\';
                    buffer[Length++] = (byte)rune.Value;
                    break;
                case >= 0x20 and < 0x7F:
                    buffer[Length++] = (byte)rune.Value;
                    break;
                case <= 0xFF:
                    Hex((byte)rune.Value);
                    break;
                default:
                    Span<byte> bytes = stackalloc byte[4];
                    var count = rune.EncodeToUtf8(bytes);
                    foreach (var b in bytes[..count])
                    {
                        Hex(b);
                    }

                    break;
            }
        }

        private void Hex(byte value)
        {
            const string Digits = "0123456789abcdef";
            buffer[Length++] = (byte)'\\';
            buffer[Length++] = (byte)'x';
            buffer[Length++] = (byte)Digits[value >> 4];
            buffer[Length++] = (byte)Digits[value & 15];
        }
    }
}
