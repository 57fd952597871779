using System.Collections.Immutable;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Buildpacks;
using PaaS.Routing;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>A platform put together by hand where a test needs another part than <see cref="PaaSTestHost"/> has: a journal that fails, a builder, uploads.</summary>
internal sealed class CoreScene : IAsyncDisposable
{
    public const string Token = "the-operators-token-in-tests";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-core-");
    private readonly CancellationTokenSource _stopping = new();
    private readonly OutboundGuard _outbound;
    private readonly PlainLauncher _launcher;
    private readonly PageFetch? _fetchPage;
    private readonly SlugBuilder? _builder;
    private readonly PinnedSlugStore _store;
    private readonly List<PlatformCore> _killed = [];
    private Func<DiskSpace>? _measure;
    private HostListener? _api;

    private CoreScene(bool builds, long maxSourceBytes, BuildpackRegistry? buildpacks, PageFetch? fetchPage)
    {
        _fetchPage = fetchPage;
        Options = new PaaSOptions { Api = { Port = 0 }, Router = { Port = 0 }, MaxSourceBytes = maxSourceBytes };
        Addresses = new ApiAddresses(Options);
        _store = new PinnedSlugStore(Slugs);
        _outbound = new OutboundGuard(new OutboundOptions(), Time);
        _launcher = new PlainLauncher(Path.Combine(_directory.FullName, "records"));
        _builder = builds
            ? new SlugBuilder(
                new BuildOptions { BuildsDirectory = Path.Combine(_directory.FullName, "builds"), CachesDirectory = Path.Combine(_directory.FullName, "caches") },
                _launcher,
                _store,
                buildpacks)
            : null;
        Core = Compose();
    }

    public PaaSOptions Options { get; }

    public ManualTimeProvider Time { get; } = new();

    public FlakyJournal Journal { get; private set; } = new();

    public InMemorySecretBox Secrets { get; } = new();

    public InMemorySlugStore Slugs { get; } = new();

    /// <summary>The store as the platform sees it.</summary>
    public PinnedSlugStore Store => _store;

    public string CachesDirectory => Path.Combine(_directory.FullName, "caches");

    public FakeDynoRuntime Runtime { get; } = new();

    public RouteTable Routes { get; private set; } = new();

    public ApiAddresses Addresses { get; }

    public PlatformCore Core { get; private set; }

    public Platform Platform => Core.Platform;

    public static Actor Operator => Platform.Operator;

    public string OutputsDirectory => Path.Combine(_directory.FullName, "outputs");

    public string BuildsDirectory => Path.Combine(_directory.FullName, "outputs-of-builds");

    public string PagesDirectory => Path.Combine(_directory.FullName, "pages");

    /// <summary>What a router would know; set before a restart.</summary>
    public IRequestTrace? Requests { get; set; }

    /// <summary>The disk that the platform sees: half full until a test fills it.</summary>
    public DiskSpace Disk { get; set; } = new(100L << 30, 50L << 30);

    public string UploadsDirectory => Path.Combine(_directory.FullName, "uploads");

    /// <summary>What the API maps; empty before <see cref="OpenApiAsync"/>.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints { get; private set; } = [];

    public static async Task<CoreScene> StartAsync(bool builds = false, long maxSourceBytes = 1 << 20, BuildpackRegistry? buildpacks = null, PageFetch? fetchPage = null)
    {
        var scene = new CoreScene(builds, maxSourceBytes, buildpacks, fetchPage);
        await scene.Core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);
        return scene;
    }

    /// <summary>Starts another platform on what this one has on disk and in the journal now, as after a kill. The old one is ended behind its back.</summary>
    public async Task KillAsync()
    {
        var killed = Core;
        Journal = await Journal.CopyAsync();
        Routes = new RouteTable();
        Core = Compose();
        await Core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);
        _killed.Add(killed);
    }

    /// <summary>Ends the platform and starts another on what it left, with a disk of the test's.</summary>
    public Task RestartAsync(Func<DiskSpace> measure)
    {
        _measure = measure;
        return RestartAsync();
    }

    /// <summary>Ends the platform and starts another on what it left.</summary>
    public Task RestartAsync() => RestartAsync(TimeSpan.Zero);

    /// <summary>Ends the platform and starts another on what it left.</summary>
    /// <param name="downtime">After how long.</param>
    public async Task RestartAsync(TimeSpan downtime)
    {
        await Core.DisposeAsync();
        Time.Advance(downtime);
        Routes = new RouteTable();
        Core = Compose();
        await Core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);
    }

    /// <summary>Stores a slug that holds nothing and runs, for the engine, whatever its types are called.</summary>
    public async Task<Slug> MakeSlugAsync(params string[] types)
    {
        var (id, size) = await Slugs.PutAsync(new MemoryStream(Guid.NewGuid().ToByteArray()));
        return new Slug(id, size, types.ToImmutableSortedDictionary(type => ProcessType.Parse(type), type => $"run {type}"), null, "Node.js", Slug.DefaultStack);
    }

    /// <summary>Opens the API and gives a client with the operator's token.</summary>
    public async Task<ApiClient> OpenApiAsync()
    {
        IEndpointRouteBuilder? endpoints = null;
        var pipeline = ApiPipeline.Build(Core, new ApiAuthentication(Token), _outbound, more => endpoints = more, _stopping.Token);
        _api = await HostListener.StartAsync(Options.Api, "Platform API", NullLoggerFactory.Instance, TimeSpan.FromSeconds(5), ApiPipeline.Configure, pipeline.InvokeAsync, CancellationToken.None);
        Addresses.Api = _api.Endpoint;
        Endpoints = [.. endpoints!.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
        return new ApiClient(new HttpClient
        {
            BaseAddress = new Uri(Addresses.ApiUrl),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        await Core.DisposeAsync();
        foreach (var killed in _killed)
        {
            await killed.DisposeAsync();
        }

        (_outbound as IDisposable)?.Dispose();
        await ((_launcher as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stopping.Dispose();
        _directory.Delete(recursive: true);
    }

    private PlatformCore Compose() => new(
        new AppServices
        {
            Options = Options,
            Journal = Journal,
            Secrets = Secrets,
            Slugs = _store,
            Builder = _builder,
            Runtime = Runtime,
            Routes = Routes,
            Logs = new LogStreams(Time),
            Time = Time,
            Random = new Random(1),
            Loggers = NullLoggerFactory.Instance,
            SeparatesUsers = false,
            Addresses = Addresses,
            UploadsDirectory = UploadsDirectory,
            OutputsDirectory = OutputsDirectory,
            BuildsDirectory = BuildsDirectory,
            PagesDirectory = PagesDirectory,
            FetchPage = _fetchPage,
            Requests = Requests,
            Disk = () => _measure?.Invoke() ?? Disk,
        },
        new Platform(new OwnerAccessPolicy()));
}
