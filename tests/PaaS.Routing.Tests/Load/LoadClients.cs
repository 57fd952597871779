using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Clients that look at each answer: uploads, slow responses, and tunnels that echo. They go on until they are told to stop.</summary>
internal sealed class LoadClients(int port)
{
    private volatile bool _stops;
    private int _requests;

    /// <summary>How many requests were answered.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public ConcurrentQueue<string> Failures { get; } = [];

    public Task RunAsync() => Task.WhenAll(
        [.. Enumerable.Range(0, 3).Select(i => RepeatAsync(new Random(i), UploadAsync)), .. Enumerable.Range(0, 3).Select(i => RepeatAsync(new Random(i), SlowAsync)), .. Enumerable.Range(0, 3).Select(i => RepeatAsync(new Random(i), EchoAsync))]);

    public void Stop() => _stops = true;

    private async Task RepeatAsync(Random random, Func<RawClient, Random, Task<bool>> ask)
    {
        RawClient? client = null;
        try
        {
            while (!_stops)
            {
                client ??= await RawClient.ConnectAsync(port);
                var keeps = await ask(client, random);
                Interlocked.Increment(ref _requests);
                if (!keeps)
                {
                    await client.DisposeAsync();
                    client = null;
                }
            }
        }
        catch (Exception e)
        {
            Failures.Enqueue(e.ToString());
        }
        finally
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static async Task<bool> UploadAsync(RawClient client, Random random)
    {
        var body = new byte[random.Next(1, 200_000)];
        random.NextBytes(body);
        if (random.Next(2) == 0)
        {
            await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: {SafetyRouter.Host}\r\nContent-Length: {body.Length}\r\n\r\n");
            await client.SendAsync(body);
        }
        else
        {
            await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: {SafetyRouter.Host}\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var at = 0; at < body.Length;)
            {
                var count = Math.Min(body.Length - at, random.Next(1, 50_000));
                await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{count:x}\r\n"));
                await client.SendAsync(body.AsMemory(at, count));
                await client.SendAsync("\r\n");
                at += count;
            }

            await client.SendAsync("0\r\n\r\n");
        }

        var response = await client.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{body.Length} {body.Sum(one => (long)one)}"), response.Body);
        return Keeps(response);
    }

    private static async Task<bool> SlowAsync(RawClient client, Random random)
    {
        await client.SendAsync($"GET /slow HTTP/1.1\r\nHost: {SafetyRouter.Host}\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal(string.Concat("abcde".Select(letter => new string(letter, 1000))), response.Body);
        return Keeps(response);
    }

    private static async Task<bool> EchoAsync(RawClient client, Random random)
    {
        await client.SendAsync($"GET /echo HTTP/1.1\r\nHost: {SafetyRouter.Host}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            var message = Encoding.ASCII.GetBytes(new string((char)('a' + i), random.Next(1, 5000)));
            await client.SendAsync(message);
            Assert.Equal(Encoding.ASCII.GetString(message), await client.ReadExactlyAsync(message.Length));
        }

        return false;
    }

    /// <summary>The router may say that a connection ends here, as it must be able to.</summary>
    private static bool Keeps(RawResponse response) => !string.Equals(response.Header("Connection"), "close", StringComparison.OrdinalIgnoreCase);
}
