namespace PaaS.Runtime.Tests;

/// <summary>One sandbox launcher for all tests that only look at what a process finds inside: making one takes longer than most of them.</summary>
public sealed class SharedSandbox : IAsyncLifetime
{
    private static Task<SandboxScene>? s_scene;

    /// <summary>The scene; made by the first who asks. Tests that use it run one after the other.</summary>
    internal static Task<SandboxScene> OpenAsync() => s_scene ??= SandboxScene.Open();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (s_scene is { } scene)
        {
            await (await scene).DisposeAsync();
        }
    }
}
