using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>Dynos come, go and are drained under load, and routes change: no request fails, and none is lost or counted twice.</summary>
[Collection(Alone.Name)]
public class LoadTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Front.Fast)]
    [InlineData(Front.Connection)]
    [InlineData(Front.Pipeline)]
    public async Task No_request_fails_while_routes_change_and_dynos_come_and_go(Front front)
    {
        var count = new Count();
        await using var router = await SafetyRouter.StartAsync(front, policies: new RouterPolicies { Observer = count });
        await using var formation = await Formation.StartAsync(router);

        // Half of what the machine can do just now, once the code is compiled.
        var warm = await Wrk.RunAsync(router.Port, 1, 0);
        var most = await Wrk.RunAsync(router.Port, 1, 0);
        var pause = (int)Math.Clamp(1000.0 * Wrk.Connections * 2 * most.Seconds / Math.Max(1, most.Requests), 1, 100);
        Assert.Equal(0, warm.Errors + most.Errors);
        var clients = new LoadClients(router.Port);
        var asking = clients.RunAsync();
        var seconds = TestSize.Of(3, 25);
        var loading = Wrk.RunAsync(router.Port, seconds, pause);
        var changes = await formation.ChangeAsync(TestSize.Of(100, 1000), TimeSpan.FromSeconds(seconds - 0.5));
        var load = await loading;
        clients.Stop();
        await asking;

        output.WriteLine($"{most.Requests / most.Seconds:0} requests/s at most; {load.Requests / load.Seconds:0}/s with {changes} changes, {formation.Drained} dynos drained, {clients.Requests} requests of other clients.");
        Assert.True(clients.Failures.IsEmpty, string.Join('\n', clients.Failures));
        Assert.Equal(0, load.Errors);
        Assert.True(load.Requests > 50 && clients.Requests > 50, $"It was no load: {load.Requests} and {clients.Requests} requests.");
        await formation.DrainedAsync();

        // wrk goes in the midst of its last requests: they count as interrupted by the client, or as answered.
        var answered = warm.Requests + most.Requests + load.Requests + clients.Requests;
        await Poll.UntilAsync(() => count.All >= answered, () => $"The observer was told of {count.All} of {answered} requests.");
        Assert.Empty(count.Codes.Keys.Except(["H27"]));
        Assert.True(count.Codes.GetValueOrDefault("H27") <= 3 * Wrk.Connections, $"{count.Codes.GetValueOrDefault("H27")} clients left.");
        Assert.InRange(count.All, answered, answered + (3 * Wrk.Connections));
        Assert.Equal(count.All, router.Logs.LastNumber);
    }

    private sealed class Count : IRequestObserver
    {
        private long _all;

        public long All => Interlocked.Read(ref _all);

        public ConcurrentDictionary<string, int> Codes { get; } = new();

        public void OnDone(in RequestView request, in RequestOutcome outcome)
        {
            Interlocked.Increment(ref _all);
            if (outcome.Code is { } code)
            {
                Codes.AddOrUpdate(code, 1, static (_, count) => count + 1);
            }
        }
    }
}
