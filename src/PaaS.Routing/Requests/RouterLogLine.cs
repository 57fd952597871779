using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The one line that a request leaves in its app's log, in the field order of Heroku's Router 2.0, which log parsers rely on.
/// Nothing from outside can break it: quoted values escape quote, backslash and every byte outside printable ASCII, and a
/// value that stands unquoted is quoted as soon as it holds anything unusual. It always fits one log line.
/// </summary>
internal readonly ref struct RouterLogLine
{
    private const int MaxValue = 8192;

    /// <summary>Room for all that is not path or fwd: keys, codes, method, host, id, numbers, agent.</summary>
    private const int Reserve = 1500;

    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+=@[]-"u8);

    /// <summary>What stands between quotes as it is: printable ASCII without quote and backslash.</summary>
    private static readonly SearchValues<byte> Quotable =
        SearchValues.Create(" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>What went wrong; null for an ordinary line.</summary>
    public RouterError? Error { get; init; }

    public required ReadOnlySpan<byte> Method { get; init; }

    /// <summary>The target with its query, as received.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    /// <summary>The Host header.</summary>
    public required ReadOnlySpan<byte> Host { get; init; }

    public required ReadOnlySpan<byte> RequestId { get; init; }

    /// <summary>The X-Forwarded-For that the dyno gets.</summary>
    public required ReadOnlySpan<byte> ForwardedFor { get; init; }

    /// <summary>The dyno, or the last one tried; null if none was.</summary>
    public string? Dyno { get; init; }

    /// <summary>Milliseconds to connect, all attempts together; null if none was made.</summary>
    public long? Connect { get; init; }

    /// <summary>Milliseconds from there to the last byte to the client; null if it did not come to that.</summary>
    public long? Service { get; init; }

    /// <summary>The status that the client got, or 499 if it went away; 0 if it got none.</summary>
    public int Status { get; init; }

    /// <summary>Bytes of the body that went to the client.</summary>
    public long Bytes { get; init; }

    /// <summary><c>http1.1</c> and the like.</summary>
    public required string Protocol { get; init; }

    /// <summary><c>tls1.3</c> and the like; null if the connection is plain.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>The User-Agent, for the codes that tell it; empty for the others.</summary>
    public ReadOnlySpan<byte> Agent { get; init; }

    /// <summary>Writes the line, without a line break.</summary>
    /// <param name="destination">At least <see cref="LogStream.MaxLineBytes"/> bytes.</param>
    /// <returns>How many bytes it has.</returns>
    public int WriteTo(Span<byte> destination)
    {
        var line = new Writer(destination);
        if (Error is null)
        {
            line.Raw("at=info method="u8);
        }
        else
        {
            Blame(ref line, Error);
        }

        line.Value(Method, 140);
        line.Raw(" path="u8);
        var before = line.Length;
        line.Quoted(Path, MaxValue);
        var path = line.Length - before;
        line.Raw(" host="u8);
        line.Value(Host, 300);
        line.Raw(" request_id="u8);
        line.Value(RequestId, 220);
        line.Raw(" fwd="u8);
        line.Quoted(ForwardedFor, Math.Min(MaxValue, LogStream.MaxLineBytes - Reserve - path));
        line.Raw(" dyno="u8);
        line.Label(Dyno);
        line.Raw(" connect="u8);
        line.Milliseconds(Connect);
        line.Raw(" service="u8);
        line.Milliseconds(Service);
        line.Raw(" status="u8);
        if (Status != 0)
        {
            line.Number(Status);
        }

        line.Raw(" bytes="u8);
        line.Number(Bytes);
        line.Raw(" protocol="u8);
        line.Text(Protocol);
        if (TlsVersion is null)
        {
            line.Raw(" tls=false"u8);
        }
        else
        {
            line.Raw(" tls=true tls_version="u8);
            line.Text(TlsVersion);
        }

        if (!Agent.IsEmpty)
        {
            line.Raw(" agent="u8);
            line.Quoted(Agent, 200);
        }

        return line.Length;
    }

    private static void Blame(ref Writer line, RouterError error)
    {
        if (error.Sock is { } sock)
        {
            line.Raw("sock="u8);
            line.Text(sock);
            line.Raw(" "u8);
        }

        line.Raw("at="u8);
        line.Text(error.At);
        line.Raw(" code="u8);
        line.Text(error.Code);
        line.Raw(" desc=\""u8);
        line.Text(error.Desc);
        if (error.Cause is { } cause)
        {
            line.Raw("\" cause=\""u8);
            line.Text(cause);
        }

        line.Raw("\" method="u8);
    }

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        public void Raw(scoped ReadOnlySpan<byte> text)
        {
            text.CopyTo(_buffer[Length..]);
            Length += text.Length;
        }

        /// <summary>A short text of ours: a dyno's name, a protocol, a code.</summary>
        public void Text(ReadOnlySpan<char> text) => Length += Encoding.ASCII.GetBytes(text, _buffer[Length..]);

        /// <summary>A dyno's name, which may hold an underscore.</summary>
        public void Label(ReadOnlySpan<char> label)
        {
            Span<byte> text = stackalloc byte[60];
            var length = Encoding.ASCII.GetBytes(label[..Math.Min(label.Length, text.Length)], text);
            Value(text[..length], text.Length);
        }

        public void Number(long value)
        {
            Utf8Formatter.TryFormat(value, _buffer[Length..], out var written);
            Length += written;
        }

        public void Milliseconds(long? value)
        {
            if (value is { } known)
            {
                Number(known);
                Raw("ms"u8);
            }
        }

        public void Value(scoped ReadOnlySpan<byte> text, int max)
        {
            if (text.Length > max || text.ContainsAnyExcept(Plain))
            {
                Quoted(text, max);
            }
            else
            {
                Raw(text);
            }
        }

        /// <summary>Writes a quoted value of at most <paramref name="max"/> bytes between the quotes; what does not fit is cut, never in the middle of an escape.</summary>
        public void Quoted(scoped ReadOnlySpan<byte> text, int max)
        {
            _buffer[Length++] = (byte)'"';
            var end = Length + max;
            while (!text.IsEmpty)
            {
                var odd = text.IndexOfAnyExcept(Quotable);
                var plain = Math.Min(odd < 0 ? text.Length : odd, end - Length);
                Raw(text[..plain]);
                text = text[plain..];
                if (plain != odd || !TryEscape(text[0], end))
                {
                    break;
                }

                text = text[1..];
            }

            _buffer[Length++] = (byte)'"';
        }

        private bool TryEscape(byte value, int end)
        {
            var isQuote = value is (byte)'"' or (byte)'\\';
            if (Length + (isQuote ? 2 : 4) > end)
            {
                return false;
            }

            _buffer[Length++] = (byte)'\\';
            if (isQuote)
            {
                _buffer[Length++] = value;
                return true;
            }

            _buffer[Length++] = (byte)'x';
            Utf8Formatter.TryFormat(value, _buffer[Length..], out var written, new StandardFormat('x', 2));
            Length += written;
            return true;
        }
    }
}
