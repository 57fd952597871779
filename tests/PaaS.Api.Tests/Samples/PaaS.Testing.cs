using PaaS.Testing;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Testing's readme.</summary>
public sealed class TestingSample
{
    [Fact]
    public async Task Runs()
    {
        // sample
        var clock = new ManualTimeProvider();
        var bell = Task.Delay(TimeSpan.FromHours(24), clock);

        clock.Advance(TimeSpan.FromHours(23));
        Assert.False(bell.IsCompleted);

        clock.Advance(TimeSpan.FromHours(1));
        await bell;

        // end
    }
}
