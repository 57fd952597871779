using FsCheck;
using FsCheck.Fluent;
using PaaS.Routing;

namespace PaaS.Properties;

/// <summary>Reads a head from bytes.</summary>
internal delegate ReadResult HeadReading<in THead>(THead head, ReadOnlySpan<byte> input);

/// <summary>The laws that hold for the heads of requests and of responses.</summary>
/// <param name="read">Reads one.</param>
/// <param name="reset">Forgets one that was begun.</param>
/// <param name="all">All that a head says, in one text.</param>
internal sealed class HeadLaws<THead>(HeadReading<THead> read, Action<THead> reset, Func<THead, ReadResult, string, string> all)
    where THead : new()
{
    public (THead Head, ReadResult Result) Read(string text)
    {
        var head = new THead();
        return (head, read(head, Heads.Bytes(text)));
    }

    public void HoldHoweverItIsCut(Gen<string> texts) =>
        Law.HoldsInFull(20_000, texts, Heads.Cuts, (text, pieces) =>
        {
            var whole = Read(text);
            var bytes = Heads.Bytes(text);
            var head = new THead();
            var result = ReadResult.NeedMore;
            foreach (var length in Heads.Prefixes(bytes.Length, pieces).TakeWhile(_ => result == ReadResult.NeedMore))
            {
                result = read(head, bytes.AsSpan(0, length));
            }

            return result == whole.Result && all(head, result, text) == all(whole.Head, result, text);
        });

    public void HoldWhateverWasReadBefore(Gen<string> texts) =>
        Law.Holds(texts, texts, (before, text) =>
        {
            var head = new THead();
            if (read(head, Heads.Bytes(before)) == ReadResult.NeedMore)
            {
                reset(head);
            }

            var result = read(head, Heads.Bytes(text));
            var fresh = Read(text);
            return result == fresh.Result && all(head, result, text) == all(fresh.Head, result, text);
        });

    /// <param name="isTold">Whether a head says that it is refused, and why, in order.</param>
    /// <param name="length">How long a head is.</param>
    public void HoldForAnyBytes(Func<THead, bool> isTold, Func<THead, int> length) =>
        Law.HoldsInFull(20_000, Gen.OneOf(Heads.Hostile, ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => Heads.Text(bytes))), text =>
        {
            var (head, result) = Read(text);
            return (result == ReadResult.Refused) == isTold(head) && (result == ReadResult.Done) == (length(head) > 0) && length(head) <= text.Length;
        });
}

/// <summary>Short words for heads as text.</summary>
internal static class HeadWords
{
    public static int Count(string[] lines, string start) => lines.Count(line => line.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    public static string Of(Slice slice, string text) => text.Substring(slice.Start, slice.Length);
}
