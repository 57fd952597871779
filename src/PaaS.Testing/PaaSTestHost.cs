using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Hosting;
using PaaS.Runtime;

namespace PaaS.Testing;

/// <summary>
/// The whole platform in memory inside one test: journal, slugs, keys and engine are in-memory twins, the clock stands
/// still until it is advanced. Two hosts never see each other. Nothing is built here: release slugs.
/// </summary>
public sealed class PaaSTestHost : IAsyncDisposable
{
    private const string Token = "a-token-for-this-test-only";
    private readonly ApiAddresses _addresses;
    private readonly PaaSOptions _options;
    private readonly InMemorySecretBox _secrets;
    private readonly Random _random;
    private PlatformCore _core;
    private HostListener? _api;
    private CancellationTokenSource _stopping = new();
    private bool _disposed;

    private PaaSTestHost(PaaSOptions options, ManualTimeProvider time, FakeDynoRuntime runtime, int seed)
    {
        (_options, Time, Runtime) = (options, time, runtime);
        _addresses = new ApiAddresses(options);
        _secrets = new InMemorySecretBox();
        _random = new Random(seed);
        _core = Compose();
    }

    /// <summary>The platform's commands and queries.</summary>
    public Platform Platform => _core.Platform;

    /// <summary>The account that owns what is made here unless the test says otherwise.</summary>
    public Actor Operator { get; } = Platform.Operator;

    /// <summary>The clock.</summary>
    public ManualTimeProvider Time { get; }

    /// <summary>The engine: its script says how dynos behave, and it shows what was started and signalled.</summary>
    public FakeDynoRuntime Runtime { get; }

    /// <summary>The journal.</summary>
    public InMemoryJournal Journal { get; } = new();

    /// <summary>The slugs.</summary>
    public InMemorySlugStore Slugs { get; } = new();

    /// <summary>The routes that a router would read.</summary>
    public RouteTable Routes { get; private set; } = new();

    /// <summary>Starts a platform.</summary>
    /// <param name="configure">Changes the host's options.</param>
    /// <param name="runtime">An engine with a script of the test's; one whose dynos are ready at once if left out.</param>
    /// <param name="seed">The seed of all chance: the same seed gives the same names.</param>
    public static async Task<PaaSTestHost> StartAsync(Action<PaaSOptions>? configure = null, FakeDynoRuntime? runtime = null, int seed = 1)
    {
        var options = new PaaSOptions { Api = { Port = 0 }, Router = { Port = 0 } };
        configure?.Invoke(options);
        var host = new PaaSTestHost(options, new ManualTimeProvider(), runtime ?? new FakeDynoRuntime(), seed);
        await host._core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);
        return host;
    }

    /// <summary>Ends the platform and starts it again on the same journal, as after a restart of the host.</summary>
    public async Task RestartAsync()
    {
        await DisposeAsync();
        (_disposed, _stopping, _api, Routes) = (false, new CancellationTokenSource(), null, new RouteTable());
        _core = Compose();
        await _core.StartAsync(static (_, _) => Task.CompletedTask, CancellationToken.None);
    }

    /// <summary>Makes an app and releases a slug for it.</summary>
    /// <param name="name">The app's name.</param>
    /// <param name="processTypes">What the slug can run; <c>web</c> if none is named.</param>
    /// <returns>The app after the verdict on the release.</returns>
    public async Task<App> DeployAsync(string name, params string[] processTypes)
    {
        var app = AppName.Parse(name, null);
        if (Platform.FindApp(Operator, name).Refusal is not null)
        {
            Expect(await Platform.CreateAppAsync(Operator, app));
        }

        var release = Expect(await Platform.ReleaseSlugAsync(Operator, name, await MakeSlugAsync(processTypes)));
        Expect(await Platform.WaitForReleaseAsync(Operator, name, release.Version));
        return Expect(Platform.FindApp(Operator, name));
    }

    /// <summary>Stores a slug that holds nothing and runs, for the engine, whatever its types are called.</summary>
    /// <param name="processTypes">What it can run; <c>web</c> if none is named.</param>
    public async Task<Slug> MakeSlugAsync(params string[] processTypes)
    {
        ArgumentNullException.ThrowIfNull(processTypes);
        var content = Guid.NewGuid().ToString();
        var (id, size) = await Slugs.PutAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)));
        return new Slug(
            id,
            size,
            (processTypes.Length == 0 ? ["web"] : processTypes).ToImmutableSortedDictionary(type => ProcessType.Parse(type, null), type => $"run {type}"),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 20)),
            "Node.js",
            Slug.DefaultStack);
    }

    /// <summary>Opens the Platform API on a free loopback port.</summary>
    /// <returns>A client that sends the operator's token.</returns>
    public async Task<HttpClient> OpenApiAsync()
    {
        if (_api is null)
        {
            var outbound = new OutboundGuard(new OutboundOptions(), Time);
            var pipeline = ApiPipeline.Build(_core, new ApiAuthentication(Token), outbound, static _ => { }, _stopping.Token);
            _api = await HostListener.StartAsync(_options.Api, "Platform API", NullLoggerFactory.Instance, TimeSpan.FromSeconds(5), ApiPipeline.Configure, pipeline.InvokeAsync, CancellationToken.None);
            _addresses.Api = _api.Endpoint;
        }

        return new HttpClient
        {
            BaseAddress = new Uri(_addresses.ApiUrl),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        await _core.DisposeAsync();
        _stopping.Dispose();
    }

    private PlatformCore Compose() => new(
        new AppServices
        {
            Options = _options,
            Journal = Journal,
            Secrets = _secrets,
            Slugs = new PinnedSlugStore(Slugs),
            Runtime = Runtime,
            Routes = Routes,
            Logs = new LogStreams(Time),
            Time = Time,
            Random = _random,
            Loggers = NullLoggerFactory.Instance,
            SeparatesUsers = false,
            Addresses = _addresses,
        },
        new Platform(new OwnerAccessPolicy()));

    private static T Expect<T>(Outcome<T> outcome) =>
        outcome.TryGet(out var value, out var refusal) ? value : throw new InvalidOperationException(refusal.Message);
}
