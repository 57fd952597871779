using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>A platform in memory with its API open. Every test class of a resource starts from it.</summary>
public abstract class ApiScene : IAsyncLifetime
{
    private protected PaaSTestHost Host { get; private set; } = null!;

    private protected ApiClient Api { get; private set; } = null!;

    private protected Platform Platform => Host.Platform;

    public async Task InitializeAsync()
    {
        Host = await PaaSTestHost.StartAsync();
        Api = new ApiClient(await Host.OpenApiAsync());
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        foreach (var dyno in Host.Runtime.Alive)
        {
            // Nobody moves the clock any more for one that does not heed its SIGTERM.
            dyno.Exit(143);
        }

        await Host.DisposeAsync();
    }

    private protected App AppOf(string name) => Platform.FindApp(Platform.Operator, name).Value!;

    private protected string[] LogOf(string app) =>
        [.. Platform.OpenLog(Platform.Operator, app).Value!.TailAsync(new() { Lines = 1000 }).ToBlockingEnumerable().Select(line => line.Message)];

    private protected Task SettledAsync(string app) => Eventually.IsTrueAsync(() => AppOf(app).Pending is null);
}
