using System.Net;
using System.Net.Sockets;

namespace PaaS.Runtime.Tests;

/// <summary>An engine with real processes, and a slug of a few files.</summary>
internal sealed class DynoScene : IAsyncDisposable, ISlugUnpacker
{
    private readonly LauncherScene _launcher = new();
    private readonly List<IDyno> _dynos = [];

    public DynoScene(TimeProvider? time = null, Func<LocalDynoRuntimeOptions, LocalDynoRuntimeOptions>? configure = null, int logCapacity = 100_000, IProcessLauncher? launcher = null)
    {
        var options = new LocalDynoRuntimeOptions { DynosDirectory = Dynos, Time = time ?? TimeProvider.System };
        Runtime = new LocalDynoRuntime(launcher ?? _launcher.Launcher, this, configure?.Invoke(options) ?? options);
        Logs = new LogStream(capacity: logCapacity);
    }

    public string Directory => _launcher.Directory;

    public string Dynos => Path.Combine(Directory, "dynos");

    public LocalDynoRuntime Runtime { get; }

    public LogStream Logs { get; }

    public int Unpackings { get; private set; }

    /// <summary>The slug: path and text.</summary>
    public Dictionary<string, string> Slug { get; } = [];

    public int? UserId { get; init; } = RealProcesses.IsRoot ? RealProcesses.StrangerId : null;

    public int Records => _launcher.RecordCount;

    public PlainLauncher Launcher => _launcher.Launcher;

    public DynoSpec Spec(string command, bool listens = false, params KeyValuePair<string, string?>[] config) => new()
    {
        Id = Guid.NewGuid(),
        App = AppId.New(),
        AppName = AppName.Parse("shop"),
        Name = DynoName.Parse(listens ? "web.1" : "worker.1"),
        Release = new ReleaseVersion(1),
        Slug = SlugId.FromDigest(new byte[32]),
        Command = command,
        ConfigVars = ConfigVars.Empty.Apply(ConfigPatch.Create(config)),
        Listens = listens,
        Size = DynoSize.Standard1X,
        UserId = UserId,
        Logs = Logs,
    };

    public async Task<IDyno> Start(DynoSpec spec)
    {
        var dyno = await Runtime.StartAsync(spec);
        _dynos.Add(dyno);
        return dyno;
    }

    /// <summary>Runs a command to its end: its status, and its lines as they stand in the log at that moment.</summary>
    public async Task<(int Status, string[] Lines)> Run(DynoSpec spec)
    {
        var dyno = await Start(spec);
        var exit = await dyno.Exited.WaitAsync(RealProcesses.Deadline);
        return (exit.Status, await Lines());
    }

    public async Task<string[]> Lines() => [.. (await Read()).Select(static line => line.Message)];

    /// <summary>Waits for a line of the dynos.</summary>
    public Task HasWritten(string line) => RealProcesses.Until(() => Lines().Result.Contains(line), $"the line '{line}'");

    /// <summary>What the dynos wrote. The platform's lines, of what the machine can't enforce, are not theirs.</summary>
    public async Task<List<LogLine>> Read(LogSource source = LogSource.App)
    {
        var lines = new List<LogLine>();
        await foreach (var line in Logs.TailAsync(new LogTail { Lines = Logs.Capacity, Source = source }))
        {
            lines.Add(line);
        }

        return lines;
    }

    public ValueTask UnpackAsync(SlugId slug, string directory, int? userId = null, CancellationToken cancellationToken = default)
    {
        Unpackings++;
        System.IO.Directory.CreateDirectory(directory);
        foreach (var (name, text) in Slug)
        {
            var path = Path.Combine(directory, name);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        foreach (var path in System.IO.Directory.GetFileSystemEntries(directory, "*", SearchOption.AllDirectories).Append(directory))
        {
            Assert.Equal(0, userId is { } user ? Libc.ChangeOwner(path, (uint)user, (uint)user) : 0);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dyno in _dynos)
        {
            await dyno.DisposeAsync();
        }

        await _launcher.DisposeAsync();
    }

    /// <summary>A port of the engine's default range that was free a moment ago.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            if (PortProbe.IsFree(port))
            {
                return port;
            }
        }
    }

    public static TcpListener Listen(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        return listener;
    }
}
