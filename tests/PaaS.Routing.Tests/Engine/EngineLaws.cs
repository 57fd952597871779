using System.Globalization;
using Xunit.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>
/// Laws of the machines between clients and dynos, in thousands of small worlds without a socket: every interleaving of arrivals, partial reads,
/// back-pressure, closings and deadlines that chance finds.
/// </summary>
public class EngineLaws(ITestOutputHelper output)
{
    /// <summary>On a thread without a context, where whoever waits for a change of the routes goes on within the change: a world has but one thread.</summary>
    [Fact]
    public Task Every_request_ends_once_and_every_response_is_whole_or_visibly_cut() => Task.Run(RunWorlds);

    private void RunWorlds()
    {
        var given = Environment.GetEnvironmentVariable("PAAS_SEED");
        var first = given is null ? Random.Shared.Next(1_000_000_000) : int.Parse(given, CultureInfo.InvariantCulture);
        var count = given is null ? TestSize.Of(1000, 20_000) : 1;
        var (whole, requests) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var world = new LawWorld(first + i);
            world.Run();
            whole += world.Tally.Whole;
            requests += world.Tally.Requests;
        }

        output.WriteLine($"{count} worlds from seed {first}: {requests} requests, {whole} whole responses.");

        // Most apps answer, most clients stay: else these would be laws of nothing.
        Assert.True(given is not null || whole > requests / 3, $"{whole} of {requests} requests were answered by the app.");
    }
}
