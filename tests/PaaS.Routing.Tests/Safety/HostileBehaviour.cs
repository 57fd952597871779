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

            // What follows the head of a HEAD's answer is nobody's.
            isSpoiled = request.Method == "HEAD" && answer.Bytes.AsSpan().StartsWith("HTTP/1.1 200 OK\r\n"u8) && HeadEnd(answer.Bytes) < answer.Bytes.Length;
        }
    }

    /// <summary>The head may come in pieces. The rest comes at once: a dyno that goes on behind what a reader takes for the end can meet the next request on any router.</summary>
    private static async Task SendAsync(RawClient connection, HostileAnswer answer)
    {
        var random = new Random(answer.Seed);
        var at = 0;
        for (var end = HeadEnd(answer.Bytes) - 4; at < end && random.Next(3) == 0;)
        {
            var count = random.Next(1, end - at + 1);
            await connection.SendAsync(answer.Bytes.AsMemory(at, count));
            at += count;
            await Task.Yield();
        }

        await connection.SendAsync(answer.Bytes.AsMemory(at));
    }

    private static int HeadEnd(byte[] bytes) => bytes.AsSpan().IndexOf("\r\n\r\n"u8) is var end and >= 0 ? end + 4 : bytes.Length;
}
