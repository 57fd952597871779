using FsCheck;
using FsCheck.Fluent;
using PaaS.Routing;
using static PaaS.Properties.HeadWords;

namespace PaaS.Properties;

public class ResponseHeadLaws
{
    private static readonly string[] Dropped = ["connection", "keep-alive", "te", "upgrade", "via", "content-length", "transfer-encoding", "proxy-connection", "proxy-authorization"];

    private static readonly BodyFraming[] Framings = [default, new(BodyKind.Length, 7), new(BodyKind.Chunked), new(BodyKind.UntilClose)];

    private static readonly HeadLaws<ResponseHead> Laws = new(static (head, input) => head.Read(input, HeadLimits.Default), static head => head.Reset(), All);

    [Fact]
    public void What_is_printed_reads_back_as_it_was_unless_it_frames_itself_twice() =>
        Law.HoldsInFull(20_000, Heads.Responses, parts =>
        {
            var text = parts.ToString();
            var (head, result) = Laws.Read(text);
            var lengths = Values(parts, "content-length").Select(long.Parse).ToList();
            var codings = Values(parts, "transfer-encoding").Count;
            if (codings > 1 || lengths.Distinct().Count() > 1 || (head.Status == 101 && Values(parts, "upgrade").Count > 1))
            {
                return result == ReadResult.Refused && head.Error is { Code: "H17" or "H25" };
            }

            var body = codings > 0 ? new BodyFraming(BodyKind.Chunked) : lengths.Count > 0 ? new BodyFraming(BodyKind.Length, lengths[0]) : new BodyFraming(BodyKind.UntilClose);
            var isHttp10 = parts.First.StartsWith("HTTP/1.0", StringComparison.Ordinal);
            var closes = Values(parts, "connection").SelectMany(value => value.Split(',')).Any(word => word.Trim() == "close");
            return result == ReadResult.Done && head.Length == text.Length && head.Body == body && head.IsHttp10 == isHttp10
                && $"{head.Status}" == parts.First.Substring(9, 3) && Of(head.Reason, text) == (parts.First.Length > 12 ? parts.First[13..] : "")
                && head.KeepAlive == (!isHttp10 && !closes && !(codings > 0 && lengths.Count > 0));
        });

    [Fact]
    public void A_head_cut_at_any_bytes_is_the_same_head() => Laws.HoldHoweverItIsCut(Gen.OneOf(Heads.Responses.Select(head => head + "body"), Heads.Hostile));

    [Fact]
    public void A_head_that_was_used_before_reads_as_a_new_one() => Laws.HoldWhateverWasReadBefore(Gen.OneOf(Heads.Responses.Select(head => head.ToString()), Heads.Hostile));

    [Fact]
    public void What_is_written_is_one_head_with_the_framing_that_was_decided() =>
        Law.HoldsInFull(20_000, Gen.OneOf(Heads.Responses.Select(head => head.ToString()), Heads.Hostile), Gen.Elements(Framings), Gen.Elements(Enum.GetValues<ConnectionWord>()), (text, framing, word) =>
        {
            var (head, result) = Laws.Read(text);
            if (result != ReadResult.Done)
            {
                return true;
            }

            var written = Write(head, text, framing, word);
            var (again, readAgain) = Laws.Read(written);
            var lines = written.Split("\r\n");
            var body = framing.Kind == BodyKind.None ? new BodyFraming(BodyKind.UntilClose) : framing;
            return readAgain == ReadResult.Done && again.Length == written.Length && !again.IsHttp10 && again.Body == body && again.Status == head.Status
                && Of(again.Reason, written) == Of(head.Reason, text) && again.KeepAlive == (word != ConnectionWord.Close)
                && !written.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n', '\0')
                && Count(lines, "content-length:") + Count(lines, "transfer-encoding:") <= 1 && Count(lines, "connection:") == (word == ConnectionWord.None ? 0 : 1)
                && Count(lines, "via:") == 1 && Count(lines, "keep-alive:") == 0;
        });

    [Fact]
    public void What_passes_keeps_its_bytes_and_its_order() =>
        Law.HoldsInFull(20_000, Heads.Responses, parts =>
        {
            var text = parts.ToString();
            var (head, result) = Laws.Read(text);
            if (result != ReadResult.Done)
            {
                return true;
            }

            var nominated = Values(parts, "connection").SelectMany(value => value.Split(',')).Select(name => name.Trim().ToLowerInvariant()).Except(["host", "cookie"]).ToHashSet();
            var expected = parts.Lines.Where(line => !Dropped.Contains(line.Name.ToLowerInvariant()) && !nominated.Contains(line.Name.ToLowerInvariant())).ToList();
            var written = Write(head, text, default, ConnectionWord.None);
            var listed = new List<(string, string)>();
            var passing = head.Passing(Heads.Bytes(text));
            while (passing.MoveNext())
            {
                listed.Add((Of(passing.Name, text), Of(passing.Value, text)));
            }

            return written[(written.IndexOf('\n') + 1)..].StartsWith(string.Concat(expected) + "Via: ", StringComparison.Ordinal)
                && listed.SequenceEqual(expected.Select(line => (line.Name, line.Value)));
        });

    [Fact]
    public void Nothing_makes_it_throw() => Laws.HoldForAnyBytes(head => head.Error is { Code: "H17" or "H25" }, head => head.Length);

    private static string Write(ResponseHead head, string text, BodyFraming framing, ConnectionWord word)
    {
        using var output = new ByteBuffer();
        head.WriteTo(output, Heads.Bytes(text), new ResponseHeadFields { Via = "1.1 paas-router"u8, Date = "now"u8, Connection = word, Framing = framing });
        return Heads.Text(output.Written);
    }

    /// <summary>All that a head says, in one text.</summary>
    private static string All(ResponseHead head, ReadResult result, string text) => result switch
    {
        ReadResult.Done => $"{head.Length} {head.Status} {head.Reason} {head.IsHttp10} {head.Body} {head.KeepAlive} {head.KeepAliveSeconds} {head.Upgrade}\n" + Write(head, text, head.Body, ConnectionWord.Upgrade),
        _ => $"{head.Error}",
    };

    private static List<string> Values(HeadParts parts, string name) => [.. parts.Lines.Where(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(line => line.Value)];
}
