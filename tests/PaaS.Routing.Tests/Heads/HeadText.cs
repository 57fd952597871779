using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Heads as texts, one character per byte.</summary>
internal static class HeadText
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static string Text(Slice slice, string of) => of.Substring(slice.Start, slice.Length);

    public static RequestHead Request(string text, HeadLimits? limits = null)
    {
        var head = new RequestHead();
        var result = head.Read(Bytes(text), limits ?? HeadLimits.Default);
        Assert.True(result == ReadResult.Done, $"{result}: {head.Refusal?.Reason}");
        return head;
    }

    public static RequestRefusal Refused(string text, HeadLimits? limits = null)
    {
        var head = new RequestHead();
        Assert.Equal(ReadResult.Refused, head.Read(Bytes(text), limits ?? HeadLimits.Default));
        return head.Refusal!;
    }

    /// <summary>What a dyno gets of a request: the lines behind the client's are left out, unless <paramref name="whole"/>.</summary>
    public static string ToDyno(string text, bool whole = false, bool passExpect = false, bool dropForwardedHost = false, string traceParent = "", bool isTls = false)
    {
        var head = Request(text);
        using var output = new ByteBuffer();
        head.WriteTo(output, Bytes(text), new RequestHeadFields
        {
            Peer = "127.0.0.1"u8,
            IsTls = isTls,
            Port = 8080,
            RequestId = "01234567-89ab-4cde-8f01-23456789abcd"u8,
            StartedAt = 1_700_000_000_123,
            Via = "1.1 paas-router"u8,
            PassExpect = passExpect,
            DropForwardedHost = dropForwardedHost,
            TraceParent = Bytes(traceParent),
        });
        var written = Text(output.Written);
        Assert.EndsWith("\r\n", written, StringComparison.Ordinal);
        return whole ? written : written[..written.IndexOf("X-Forwarded-For: ", StringComparison.Ordinal)];
    }

    public static ResponseHead Response(string text, HeadLimits? limits = null)
    {
        var head = new ResponseHead();
        var result = head.Read(Bytes(text), limits ?? HeadLimits.Default);
        Assert.True(result == ReadResult.Done, $"{result}: {head.Error}");
        return head;
    }

    public static RouterError ResponseError(string text, HeadLimits? limits = null)
    {
        var head = new ResponseHead();
        Assert.Equal(ReadResult.Refused, head.Read(Bytes(text), limits ?? HeadLimits.Default));
        return head.Error!;
    }

    /// <summary>What a client gets of a response.</summary>
    public static string ToClient(string text, ConnectionWord connection = ConnectionWord.None, BodyFraming framing = default, bool relaysFraming = false, string date = "Sat, 21 Nov 2026 12:00:00 GMT")
    {
        var head = Response(text);
        using var output = new ByteBuffer();
        head.WriteTo(output, Bytes(text), new ResponseHeadFields
        {
            Via = "1.1 paas-router"u8,
            Date = Bytes(date),
            Connection = connection,
            Framing = framing,
            RelaysFraming = relaysFraming,
        });
        return Text(output.Written);
    }
}
