using System.Threading.Channels;
using PaaS.Buildpacks;

namespace PaaS.Hosting.Tests;

/// <summary>A buildpack that applies to everything and builds as long as the test wants.</summary>
internal sealed class GatedBuildpack : IBuildpack
{
    private readonly Channel<bool> _open = Channel.CreateUnbounded<bool>();
    private readonly Channel<bool> _began = Channel.CreateUnbounded<bool>();

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
    public void Open() => _open.Writer.TryWrite(true);

    /// <summary>Waits until one build works.</summary>
    public Task BeganAsync() => _began.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Deadline);

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        Cache = context.CacheDirectory;
        context.Output.Detail(Says);
        await File.AppendAllTextAsync(Path.Combine(context.CacheDirectory, "builds"), "x", cancellationToken);
        _began.Writer.TryWrite(true);
        try
        {
            await _open.Reader.ReadAsync(cancellationToken);
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
