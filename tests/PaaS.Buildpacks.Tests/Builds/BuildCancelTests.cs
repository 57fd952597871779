using System.Globalization;

namespace PaaS.Buildpacks.Tests;

/// <summary>Builds that are given up at each of their stages, in the real sandbox, with daemons that have cut all their ties.</summary>
public sealed class BuildCancelTests
{
    [Theory]
    [InlineData(Stage.Detect)]
    [InlineData(Stage.Compile)]
    [InlineData(Stage.Release)]
    public async Task Given_up_while_a_command_runs_it_leaves_nothing(Stage stage)
    {
        var mark = Mark();
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new StagedBuildpack(stage, Daemons(mark) + "echo started; sleep " + mark)));
        using var cancel = new CancellationTokenSource();
        var build = rig.BuildAsync(new TarBuilder().File("a"), cancellationToken: cancel.Token);
        await Wait.UntilAsync(() => rig.Output.Contains("started", StringComparison.Ordinal) && BuildRig.ProcessesOf(mark).Count >= 4);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.Empty(BuildRig.ProcessesOf(mark));
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Daemons_of_a_build_that_succeeds_end_with_it()
    {
        var mark = Mark();
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new StagedBuildpack(Stage.Compile, Daemons(mark) + "true")));

        await rig.SucceedAsync(new TarBuilder().File("a"));

        Assert.Empty(BuildRig.ProcessesOf(mark));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Given_up_while_its_source_comes_it_leaves_nothing()
    {
        await using var rig = new BuildRig();
        using var cancel = new CancellationTokenSource();
        await using var source = new StalledStream(new TarBuilder().File("a").File("b").Tar(ended: false));
        var request = new BuildRequest { App = rig.App, AppName = AppName.Parse("test-app"), UserId = rig.UserId, Source = source };
        var build = rig.Builder.BuildAsync(request, new BuildOutput(static _ => { }), cancel.Token).AsTask();
        await source.Stalled;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Given_up_while_its_slug_is_stored_it_leaves_nothing()
    {
        using var temp = new TempDirectory();
        await using var launcher = new Runtime.PlainLauncher(temp["records"]);
        var store = new StalledStore();
        var builder = new SlugBuilder(new BuildOptions { BuildsDirectory = temp["builds"], CachesDirectory = temp["caches"] }, launcher, store);
        using var cancel = new CancellationTokenSource();
        var request = new BuildRequest { App = AppId.New(), AppName = AppName.Parse("test-app"), Source = new TarBuilder().File("Procfile", "web: x\n").Gzip() };
        var build = builder.BuildAsync(request, new BuildOutput(static _ => { }), cancel.Token).AsTask();
        await store.Stalled;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.Empty(Directory.GetFileSystemEntries(temp["builds"]));
        Assert.DoesNotContain("\"last\"", await File.ReadAllTextAsync(Path.Combine(temp["caches"], request.App.ToString(), "heroku-24.json")), StringComparison.Ordinal);
    }

    /// <summary>A number of seconds that no other test sleeps, to know the processes by.</summary>
    private static string Mark() => (60_000_000 + Random.Shared.Next(10_000_000)).ToString(CultureInfo.InvariantCulture);

    /// <summary>One in a session of its own, one forked twice, one without an environment that ignores what can be ignored.</summary>
    private static string Daemons(string mark) =>
        $"setsid sleep {mark} & (sleep {mark} &) ; (env -i setsid nohup bash -c 'trap \"\" TERM HUP INT; cd /; sleep {mark}; exit' >/dev/null 2>&1 &) ; ";

    public enum Stage
    {
        Detect,
        Compile,
        Release,
    }

    private sealed class StagedBuildpack(Stage stage, string script) : IBuildpack
    {
        public string Id => "test/staged";

        public string DisplayName => "Staged";

        public async ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
        {
            await RunAsync(Stage.Detect, context, cancellationToken);
            return Detection.Yes;
        }

        public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            await RunAsync(Stage.Compile, context, cancellationToken);
            return new Compiled();
        }

        public async ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
        {
            await RunAsync(Stage.Release, context, cancellationToken);
            return BuildpackRelease.Empty;
        }

        private async Task RunAsync(Stage now, BuildContext context, CancellationToken cancellationToken)
        {
            if (now == stage)
            {
                await context.RunAsync(["bash", "-c", script], cancellationToken: cancellationToken);
            }
        }
    }

    private sealed class StalledStore : ISlugStore
    {
        private readonly TaskCompletionSource _stalled = new();

        public Task Stalled => _stalled.Task;

        public async ValueTask<(SlugId Id, long Size)> PutAsync(Stream archive, CancellationToken cancellationToken = default)
        {
            await archive.ReadExactlyAsync(new byte[1], cancellationToken);
            _stalled.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("It waits for ever.");
        }

        public ValueTask<Stream> OpenAsync(SlugId id, CancellationToken cancellationToken = default) => throw new SlugNotFoundException(id);

        public IAsyncEnumerable<SlugId> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<SlugId>();

        public ValueTask DeleteAsync(SlugId id, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }

    /// <summary>A source whose end never comes.</summary>
    private sealed class StalledStream(Stream beginning) : Stream
    {
        private readonly TaskCompletionSource _stalled = new();

        public Task Stalled => _stalled.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await beginning.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                _stalled.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
