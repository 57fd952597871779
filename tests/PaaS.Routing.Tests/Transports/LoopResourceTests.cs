using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Routing.Tests;

/// <summary>What event loops take from the machine, and what they do when it has no more. Descriptors and memory are the whole process's, so nothing else may run meanwhile.</summary>
[Collection(Alone.Name)]
public class LoopResourceTests
{
    private const int OpenFiles = 7;

    /// <summary>It keeps its port for as long as the tests run.</summary>
    private static readonly DynoEndpoint Refusing = RawDyno.Refusing();

    [Fact]
    public async Task No_descriptor_is_left_however_connections_end()
    {
        // What the framework opens once for all is open after the first time.
        await ConnectInAllWaysAsync();
        var before = Directory.GetFiles("/proc/self/fd").Length;

        await ConnectInAllWaysAsync();
        await ConnectInAllWaysAsync();

        await LoopUnderTest.UntilAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Directory.GetFiles("/proc/self/fd").Length <= before;
        });
    }

    [Fact]
    public async Task An_idle_connection_has_less_than_a_kibibyte_of_managed_memory()
    {
        const int count = 2000;
        var routes = new RouteTable();
        var router = new PaaSRouter(routes);
        var listener = await FastRouterListener.StartAsync(router, new IPEndPoint(IPAddress.Loopback, 0), new FastRouterListenerOptions { Loops = 2 });
        await using var dyno = RawDyno.Hello();
        routes.Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [dyno.Endpoint], new LogStream()));
        var clients = new List<Socket>(count);
        var answer = new byte[4096];
        for (var i = 0; i < count; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.EndPoint, Limit.Token);
            clients.Add(client);
            await client.SendTextAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
            Assert.NotEqual(0, await client.ReceiveAsync(answer, Limit.Token));
        }

        Assert.Equal(count, listener.Clients);
        var with = GC.GetTotalMemory(forceFullCollection: true);
        await listener.DisposeAsync();
        var without = GC.GetTotalMemory(forceFullCollection: true);

        Assert.InRange((with - without) / count, 1, 1024);
        clients.ForEach(client => client.Dispose());
        GC.KeepAlive(router);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Without_descriptors_clients_wait_until_there_are_some()
    {
        await EchoAsync(allowed: null);
        await EchoAsync(allowed: 4);
    }

    /// <summary>Ten clients connect while the process may open so many files more; all are served in the end.</summary>
    private static async Task EchoAsync(int? allowed)
    {
        await using var loop = LoopUnderTest.Start(ClientLinkTests.Echo);
        var clients = Enumerable.Range(0, 10).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var gaps = new List<SafeFileHandle>();
        Assert.Equal(0, GetLimit(OpenFiles, out var limit));
        try
        {
            if (allowed is { } more)
            {
                var highest = Directory.GetFiles("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture));
                do
                {
                    gaps.Add(File.OpenHandle("/dev/null"));
                }
                while (gaps[^1].DangerousGetHandle() < highest);

                Assert.Equal(0, SetLimit(OpenFiles, limit with { Soft = (ulong)(gaps[^1].DangerousGetHandle() + 1 + more) }));
            }

            foreach (var client in clients)
            {
                await client.ConnectAsync(loop.Listener.EndPoint, Limit.Token);
                await client.SendTextAsync("x");
            }

            if (allowed is not null)
            {
                await LoopUnderTest.UntilAsync(() => loop.Log.Lines.Any(line => line.Contains("ulimit -n", StringComparison.Ordinal)));
                Assert.True(loop.Listener.Clients < clients.Count);
                await loop.OnLoopAsync(() => { });
                Assert.Single(loop.Log.Lines);
            }
        }
        finally
        {
            Assert.Equal(0, SetLimit(OpenFiles, limit));
        }

        gaps.ForEach(gap => gap.Dispose());
        await LoopUnderTest.UntilAsync(() =>
        {
            loop.Time.Advance(TimeSpan.FromMilliseconds(100));
            return loop.Listener.Clients == clients.Count;
        });
        foreach (var client in clients)
        {
            Assert.Equal("x", await client.ReadTextAsync(1));
            client.Dispose();
        }
    }

    private static async Task ConnectInAllWaysAsync()
    {
        await using var loop = LoopUnderTest.Start(ClientLinkTests.Echo, loops: 2);
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        for (var i = 0; i < 20; i++)
        {
            var (client, handler) = await loop.ConnectAsync();
            await client.SendTextAsync("x");
            Assert.Equal("x", await client.ReadTextAsync(1));
            switch (i % 4)
            {
                case 0:
                    client.Reset();
                    break;
                case 1:
                    client.Dispose();
                    break;
                case 2:
                    await handler.OnLoopAsync(h => h.Link.Abort());
                    client.Dispose();
                    break;
                default:
                    // Open until the listener goes; its own end is the finalizer's.
                    break;
            }

            await loop.DialAsync(i % 2 == 0 ? Refusing : dyno.Endpoint, i % 3 == 0 ? handler => handler.Link.Close() : null);
        }
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetLimit(int what, out SoftAndHard limit);

    [DllImport("libc", EntryPoint = "setrlimit")]
    private static extern int SetLimit(int what, in SoftAndHard limit);

    private record struct SoftAndHard(ulong Soft, ulong Hard);
}
