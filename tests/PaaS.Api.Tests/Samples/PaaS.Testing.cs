using PaaS.Testing;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Testing's readme.</summary>
public sealed class TestingSample
{
    [Fact]
    public async Task Runs()
    {
        // sample
        await using var platform = await PaaSTestHost.StartAsync();
        var app = await platform.DeployAsync("hello", "web", "worker");
        Assert.NotNull(app.Current);

        using var api = await platform.OpenApiAsync();
        var dynos = await api.GetStringAsync(new Uri("/apps/hello/dynos", UriKind.Relative));
        Assert.Contains("web.1", dynos, StringComparison.Ordinal);

        // end
    }
}
