using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Testing;

/// <summary>One client of the load: the requests it sends and what counts as an answer to them.</summary>
internal sealed class LoadClient(ZeroDowntimeOptions options, ProofTally tally, Random random)
{
    private const int RequestsPerConnection = 50;
    private const int MaxUpload = 256 * 1024;
    private const int Pieces = 8;
    private static readonly TimeSpan s_pieceEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends request after request on connections that are kept alive, until the end; the last one is finished.</summary>
    public async Task RunAsync(string kind, Func<HttpWire, CancellationToken, Task<bool>> ask, CancellationToken end)
    {
        HttpWire? wire = null;
        for (var count = 0; !end.IsCancellationRequested; count++)
        {
            var keep = false;
            try
            {
                keep = await InTimeAsync(async cancellationToken => await ask(wire ??= await HttpWire.OpenAsync(options.Router, cancellationToken), cancellationToken));
                tally.Succeed(kind);
            }
            catch (RequestFailedException e)
            {
                tally.Fail(kind, e, options.Time.GetUtcNow());
            }

            if (wire is not null && (!keep || count % RequestsPerConnection == RequestsPerConnection - 1))
            {
                await wire.DisposeAsync();
                wire = null;
            }

            await PauseAsync(options.Pause, end);
        }

        if (wire is not null)
        {
            await wire.DisposeAsync();
        }
    }

    /// <summary>Asks by GET.</summary>
    /// <returns>Whether the connection can be used again.</returns>
    public async Task<bool> GetAsync(HttpWire wire, string path, CancellationToken cancellationToken)
    {
        await wire.SendAsync(Head("GET", path, "Accept: */*\r\n"), cancellationToken);
        var answer = await wire.ReceiveAsync(cancellationToken);
        Check(answer, 399, $"GET {path}");
        return options.Expect is null || path != options.Path || answer.Body.Contains(options.Expect, StringComparison.Ordinal)
            ? answer.KeepsAlive
            : throw new RequestFailedException(FailureCause.WrongContent, $"GET {path} was answered without '{options.Expect}': {Excerpt(answer.Body)}");
    }

    /// <summary>Sends a body, in pieces and with pauses, every other time of unknown length.</summary>
    /// <returns>Whether the connection can be used again.</returns>
    public async Task<bool> UploadAsync(HttpWire wire, string path, bool checkDigest, CancellationToken cancellationToken)
    {
        var body = new byte[random.Next(1, MaxUpload)];
        random.NextBytes(body);
        var answer = await PostAsync(wire, path, body, random.Next(2) == 0, cancellationToken);
        Check(answer, 399, $"POST {path}");
        return !checkDigest || HoldsDigest(answer, body)
            ? answer.KeepsAlive
            : throw new RequestFailedException(FailureCause.WrongContent, $"POST {path} of {body.Length} bytes was answered without their SHA-256: {Excerpt(answer.Body)}");
    }

    /// <summary>Posts a body and reads the answer, which may come before the body has been sent.</summary>
    public async Task<HttpAnswer> PostAsync(HttpWire wire, string path, byte[] body, bool chunked, CancellationToken cancellationToken)
    {
        var framing = chunked ? "Transfer-Encoding: chunked\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        await wire.SendAsync(Head("POST", path, $"Content-Type: application/octet-stream\r\n{framing}"), cancellationToken);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendBodyAsync(wire, body, chunked, answered.Token);
        try
        {
            var answer = await wire.ReceiveAsync(cancellationToken);
            return sending.IsCompletedSuccessfully ? answer : answer with { KeepsAlive = false };
        }
        finally
        {
            await answered.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether an answer tells the digest of what was sent.</summary>
    public static bool HoldsDigest(HttpAnswer answer, byte[] body) => answer.Body.Contains(Convert.ToHexStringLower(SHA256.HashData(body)), StringComparison.OrdinalIgnoreCase);

    /// <summary>Runs one request within the time it may take.</summary>
    public async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> ask)
    {
        using var late = new CancellationTokenSource(options.Timeout, options.Time);
        try
        {
            return await ask(late.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new RequestFailedException(FailureCause.Timeout, $"no whole answer within {options.Timeout.TotalSeconds:0} s", e);
        }
    }

    /// <summary>Waits, or until the end.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken end) => await Task.Delay(pause, options.Time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>The head of a request.</summary>
    public byte[] Head(string method, string path, string headers) => Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {options.Host}\r\nUser-Agent: paas-proof\r\n{headers}\r\n");

    /// <summary>Refuses an answer that is an error; the router's own carry their code in the page.</summary>
    public static void Check(HttpAnswer answer, int most, string request)
    {
        if (answer.Status < 200 || answer.Status > most)
        {
            throw new RequestFailedException(FailureCause.Status, $"{request} was answered with {answer.Status}: {Excerpt(answer.Body)}");
        }
    }

    private static string Excerpt(string body)
    {
        // The interesting part of a page is its text.
        var text = new StringBuilder();
        var start = Math.Max(body.IndexOf("<body", StringComparison.OrdinalIgnoreCase), 0);
        var inTag = false;
        foreach (var c in body.AsSpan(start))
        {
            inTag = c == '<' || (inTag && c != '>');
            var shown = inTag || c == '>' || char.IsControl(c) ? ' ' : c;
            if (text.Length < 300 && (shown != ' ' || (text.Length > 0 && text[^1] != ' ')))
            {
                text.Append(shown);
            }
        }

        return text.Length == 0 ? "(no body)" : text.ToString().TrimEnd();
    }

    private async Task SendBodyAsync(HttpWire wire, byte[] body, bool chunked, CancellationToken cancellationToken)
    {
        for (var piece = 0; piece < Pieces; piece++)
        {
            var (from, to) = ((int)((long)body.Length * piece / Pieces), (int)((long)body.Length * (piece + 1) / Pieces));
            if (to > from)
            {
                if (from > 0)
                {
                    await Task.Delay(s_pieceEvery, options.Time, cancellationToken);
                }

                var bytes = body.AsMemory(from, to - from);
                await wire.SendAsync(chunked ? Chunk(bytes.Span, isLast: to == body.Length) : bytes, cancellationToken);
            }
        }
    }

    private static byte[] Chunk(ReadOnlySpan<byte> bytes, bool isLast) =>
        [.. Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. bytes, .. isLast ? "\r\n0\r\n\r\n"u8 : "\r\n"u8];
}
