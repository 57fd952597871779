using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Routing;
using static PaaS.Properties.HeadWords;

namespace PaaS.Properties;

public class RequestHeadLaws
{
    private const string Peer = "127.0.0.1";

    private static readonly string[] Dropped =
    [
        "connection", "keep-alive", "te", "upgrade", "expect", "via", "content-length", "transfer-encoding", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-request-id", "x-request-start",
        "connect-time", "total-route-time", "traceparent", "proxy-connection", "proxy-authorization", "http2-settings",
    ];

    private static readonly HeadLaws<RequestHead> Laws = new(static (head, input) => head.Read(input, HeadLimits.Default), static head => head.Reset(), All);

    [Fact]
    public void What_is_printed_reads_back_as_it_was() =>
        Law.HoldsInFull(20_000, Heads.Requests, parts =>
        {
            var text = parts.ToString();
            var (head, result) = Laws.Read(text);
            var first = parts.First.Split(' ');
            return result == ReadResult.Done && head.Length == text.Length && head.Refusal is null
                && Of(head.Method, text) == first[0] && Of(head.Target, text) == first[1] && Of(head.Path, text) == first[1] && head.IsHttp10 == (first[2] == "HTTP/1.0")
                && Of(head.Host, text) == parts.Lines.Single(line => line.Name == "Host").Value && head.Body == default
                && Lines(head, text).SequenceEqual(parts.Lines.Select(line => (line.Name, line.Value)));
        });

    [Fact]
    public void A_head_cut_at_any_bytes_is_the_same_head() => Laws.HoldHoweverItIsCut(Gen.OneOf(Heads.FramedRequests.Select(head => head + "GET /next"), Heads.Hostile));

    [Fact]
    public void A_head_that_was_used_before_reads_as_a_new_one() => Laws.HoldWhateverWasReadBefore(Gen.OneOf(Heads.FramedRequests.Select(head => head.ToString()), Heads.Hostile));

    [Fact]
    public void What_is_written_is_one_head_with_one_framing_and_reads_back() =>
        Law.HoldsInFull(20_000, Gen.OneOf(Heads.FramedRequests.Select(head => head.ToString()), Heads.Hostile), text =>
        {
            var (head, result) = Laws.Read(text);
            if (result != ReadResult.Done)
            {
                return true;
            }

            var written = Write(head, text);
            var (again, readAgain) = Laws.Read(written);
            var lines = written.Split("\r\n");
            return readAgain == ReadResult.Done && again.Length == written.Length && !again.IsHttp10 && again.Body == head.Body
                && Of(again.Method, written) == Of(head.Method, text) && Of(again.Host, written) == Of(head.Host, text)
                && !written.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n', '\0')
                && Count(lines, "content-length:") == (head.Body.Kind == BodyKind.Length ? 1 : 0)
                && Count(lines, "transfer-encoding:") == (head.Body.Kind == BodyKind.Chunked ? 1 : 0)
                && Count(lines, "host:") == 1 && Count(lines, "connection:") == 1 && Count(lines, "x-forwarded-for:") == 1 && Count(lines, "via:") == 1 && Count(lines, "x-request-id:") == 1;
        });

    [Fact]
    public void What_passes_keeps_its_bytes_and_its_order() =>
        Law.HoldsInFull(20_000, Heads.Requests, parts =>
        {
            var text = parts.ToString();
            var written = Write(Laws.Read(text).Head, text);
            var nominated = parts.Lines.Where(line => line.Name == "Connection").SelectMany(line => line.Value.Split(',')).Select(name => name.Trim().ToLowerInvariant())
                .Except(["host", "cookie"]).ToHashSet();
            var expected = parts.Lines.Where(line => !Dropped.Contains(line.Name.ToLowerInvariant().Replace('_', '-')) && !nominated.Contains(line.Name.ToLowerInvariant()));
            var passed = written[(written.IndexOf('\n') + 1)..written.LastIndexOf("X-Forwarded-For: ", StringComparison.Ordinal)];
            var forwarded = parts.Lines.Where(line => line is { Value.Length: > 0 } && line.Name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase)).Select(line => line.Value).Append(Peer);
            return passed == string.Concat(expected) && written.Contains($"\r\nX-Forwarded-For: {string.Join(", ", forwarded)}\r\n", StringComparison.Ordinal);
        });

    [Fact]
    public void Nothing_makes_it_throw() => Laws.HoldForAnyBytes(head => head.Refusal is { Status: >= 400 and < 600 }, head => head.Length);

    private static string Write(RequestHead head, string text)
    {
        using var output = new ByteBuffer();
        var input = Heads.Bytes(text);
        head.WriteTo(output, input, new RequestHeadFields
        {
            Peer = Heads.Bytes(Peer),
            IsTls = false,
            Port = 80,
            RequestId = "01234567-89ab-4cde-8f01-23456789abcd"u8,
            StartedAt = 1_700_000_000_123,
            Via = "1.1 paas-router"u8,
            TraceParent = "00-a-b-c"u8,
            PassExpect = true,
        });
        RequestHeadTail.Write(output, 1, 2, keepAlive: true, head.Upgrade.Of(input));
        return Heads.Text(output.Written);
    }

    private static List<(string, string)> Lines(RequestHead head, string text)
    {
        // Every header is found by its name; the first of a name is what is found, so the walk goes by the lines themselves.
        var lines = new List<(string, string)>();
        var start = text.IndexOf("\r\n", StringComparison.Ordinal) + 2;
        foreach (var line in text[start..(head.Length - 4)].Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
            Assert.True(head.TryGetHeader(Heads.Bytes(text), Heads.Bytes(name.ToUpperInvariant()), out var found));
            lines.Add((name, lines.Exists(known => known.Item1.Equals(name, StringComparison.OrdinalIgnoreCase)) ? value : Of(found, text)));
        }

        return lines;
    }

    /// <summary>All that a head says, in one text.</summary>
    private static string All(RequestHead head, ReadResult result, string text) => result switch
    {
        ReadResult.Done => string.Create(CultureInfo.InvariantCulture,
            $"{head.Length} {head.Method} {head.Target} {head.Path} {head.Host} {head.HostName} {head.IsHttp10} {head.Body} {head.KeepAlive} {head.Upgrade} {head.Expect} {head.IsReplayable} {head.IsHead} {head.RequestId} {head.TraceParent} {head.AcceptsJson}\n")
            + Write(head, text),
        _ => $"{head.Refusal}",
    };
}
