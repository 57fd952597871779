using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A dyno that answers well what asks for something good, and as a seed says what asks for something hostile.</summary>
internal sealed class HostileBehaviour
{
    /// <summary>What the router may not send.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    public async Task ServeAsync(RawClient connection)
    {
        var isSpoiled = false;
        while (true)
        {
            var head = await connection.ReadUntilAsync("\r\n\r\n");
            var result = StrictReader.Read(Encoding.Latin1.GetBytes(head), out var request, out _, out var fault);
            if (result != StrictResult.Whole || isSpoiled)
            {
                Faults.Enqueue($"{fault ?? "a request on a connection that no router may keep"}: {Escaped.Text(head)}");
                return;
            }

            var target = request!.Target;
            if (!target.StartsWith("/hostile-", StringComparison.Ordinal))
            {
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nX-Seen: {Convert.ToBase64String(Encoding.Latin1.GetBytes(target))}\r\nContent-Length: {target.Length}\r\n\r\n{(request.Method == "HEAD" ? "" : target)}");
                continue;
            }

            var answer = new HostileAnswer(int.Parse(target["/hostile-".Length..], CultureInfo.InvariantCulture));
            await SendAsync(connection, answer);
            if (answer.Ending == AnswerEnding.Resets)
            {
                connection.Reset();
                return;
            }

            if (answer.Ending == AnswerEnding.Ends)
            {
                return;
            }

            // Its bytes go on behind what any reader takes for the end.
            isSpoiled = request.Method == "HEAD" && answer.Bytes.AsSpan().IndexOf("\r\n\r\n"u8) is var end and > 0 && end + 4 < answer.Bytes.Length;
        }
    }

    private static async Task SendAsync(RawClient connection, HostileAnswer answer)
    {
        if (!answer.IsInPieces)
        {
            await connection.SendAsync(answer.Bytes);
            return;
        }

        var random = new Random(answer.Seed);
        for (var at = 0; at < answer.Bytes.Length;)
        {
            var count = random.Next(1, Math.Max(2, answer.Bytes.Length / 4));
            count = Math.Min(count, answer.Bytes.Length - at);
            await connection.SendAsync(answer.Bytes.AsMemory(at, count));
            at += count;
            await Task.Yield();
        }
    }
}
