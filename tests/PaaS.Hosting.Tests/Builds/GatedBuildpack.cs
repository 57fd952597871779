using PaaS.Buildpacks;

namespace PaaS.Hosting.Tests;

/// <summary>A buildpack that applies to everything and builds as long as the test wants.</summary>
internal sealed class GatedBuildpack : IBuildpack
{
    private readonly SemaphoreSlim _open = new(0);
    private readonly SemaphoreSlim _began = new(0);

    public string Id => "test/gated";

    public string DisplayName => "Gated";

    /// <summary>What each build prints when it begins.</summary>
    public string Says { get; set; } = "Working on it";

    /// <summary>How many builds were cancelled while they worked.</summary>
    public int Cancelled { get; private set; }

    /// <summary>The cache of the last build.</summary>
    public string Cache { get; private set; } = string.Empty;

    public BuildpackRegistry Registry => new(this);

    /// <summary>Lets one build go on.</summary>
    public void Open() => _open.Release();

    /// <summary>Waits until one build works.</summary>
    public Task BeganAsync() => _began.WaitAsync(Eventually.Deadline);

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        Cache = context.CacheDirectory;
        context.Output.Detail(Says);
        await File.AppendAllTextAsync(Path.Combine(context.CacheDirectory, "builds"), "x", cancellationToken);
        _began.Release();
        try
        {
            await _open.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }

        return new Compiled();
    }

    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Web("run web"));
}
