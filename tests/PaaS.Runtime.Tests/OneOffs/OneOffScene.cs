using System.Collections.Immutable;
using System.Text;

namespace PaaS.Runtime.Tests;

/// <summary>One-off dynos with real processes.</summary>
internal sealed class OneOffScene : IAsyncDisposable
{
    private readonly DynoScene _scene;
    private readonly SandboxScene? _sandbox;

    private OneOffScene(SandboxScene? sandbox, TimeProvider? time, OneOffOptions? options, SupervisorOptions? supervision)
    {
        _sandbox = sandbox;
        _scene = new DynoScene(launcher: sandbox?.Launcher);
        OneOffs = new OneOffDynos(
            new(AppId.New(), AppName.Parse("shop"), [], RealProcesses.IsRoot ? RealProcesses.StrangerId : null),
            _scene.Runtime,
            _scene.Logs,
            supervision,
            options,
            time,
            new Random(1));
    }

    public OneOffDynos OneOffs { get; }

    public Dictionary<string, string> Slug => _scene.Slug;

    public LogStream Logs => _scene.Logs;

    /// <summary>What is on the host of dynos that still run.</summary>
    public int Left => _sandbox?.RecordCount ?? _scene.Records;

    public static async Task<OneOffScene> Open(bool sandbox = false, TimeProvider? time = null, OneOffOptions? options = null, SupervisorOptions? supervision = null) =>
        new(sandbox ? await SandboxScene.Open() : null, time, options, supervision);

    public static OneOffSpec Spec(string command, DynoStreams streams = DynoStreams.Log, params KeyValuePair<string, string?>[] extra) => new()
    {
        Type = ProcessType.Parse("run"),
        Release = new(
            new(1),
            new Slug(SlugId.FromDigest(new byte[32]), 1, ImmutableSortedDictionary<ProcessType, string>.Empty, null, "Fake", PaaS.Core.Slug.DefaultStack),
            ConfigVars.Empty.Apply(ConfigPatch.Create([new("KEY", "release"), new("OTHER", "release")]))),
        Command = command,
        Streams = streams,
        ExtraVars = ConfigVars.Empty.Apply(ConfigPatch.Create(extra)),
    };

    public ValueTask<OneOffDyno> Start(string command, DynoStreams streams = DynoStreams.Log, params KeyValuePair<string, string?>[] extra) => OneOffs.StartAsync(Spec(command, streams, extra));

    /// <summary>The platform's lines.</summary>
    public async Task<string[]> Lines() => [.. (await _scene.Read(LogSource.Heroku)).Select(static line => line.Message).Where(static line => !line.StartsWith("Isolation", StringComparison.Ordinal))];

    public Task HasSaid(string line) => RealProcesses.Until(() => Lines().Result.Contains(line), $"the platform's line '{line}'");

    public Task HasWritten(string line) => _scene.HasWritten(line);

    /// <summary>Reads until a text has come.</summary>
    public static async Task<string> ReadUntil(Stream stream, string text)
    {
        var read = new StringBuilder();
        var decoder = Encoding.UTF8.GetDecoder();
        var bytes = new byte[4096];
        var characters = new char[4096];
        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count;
            try
            {
                count = await stream.ReadAsync(bytes, deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited in vain for '{text}' after: {read}");
            }

            Assert.True(count > 0, $"The output ended without '{text}': {read}");
            read.Append(characters, 0, decoder.GetChars(bytes, 0, count, characters, 0));
        }

        return read.ToString();
    }

    public static ValueTask Type(Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await OneOffs.ShutDownAsync(TimeSpan.Zero);
        await _scene.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }
    }
}
