using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PaaS.Buildpacks;
using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Benchmarks;

/// <summary>An engine on the sandbox launcher, set up as a host does it, and a stored slug with a small web server.</summary>
internal sealed class DynoWorkbench : IAsyncDisposable
{
    /// <summary>perl is on every Debian, and starts in a few milliseconds.</summary>
    private const string Program = """
        use Socket;
        socket(S, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
        bind(S, sockaddr_in($ENV{PORT}, INADDR_ANY)) or die "bind: $!";
        listen(S, 128) or die "listen: $!";
        while (accept(C, S)) {
            sysread(C, $_, 4096);
            syswrite(C, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
            close(C);
        }
        """;

    private const int FirstUser = 62_000;
    private readonly string _directory;
    private readonly SandboxLauncher _launcher;
    private readonly LocalDynoRuntime _runtime;
    private readonly LogStream _logs = new();
    private readonly SlugId _slug;
    private int _started;

    private DynoWorkbench(string directory, SandboxLauncher launcher, LocalDynoRuntime runtime, SlugId slug)
    {
        _directory = directory;
        _launcher = launcher;
        _runtime = runtime;
        _slug = slug;
    }

    /// <summary>Where the program is on the machine.</summary>
    public string ProgramDirectory => Path.Combine(_directory, "program");

    /// <summary>Sets it up, and says on what kind of machine.</summary>
    /// <returns><see langword="null"/> if this machine can have no sandbox.</returns>
    public static async Task<DynoWorkbench?> OpenAsync()
    {
        var directory = Directory.CreateTempSubdirectory("paas-figures-").FullName;
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(directory, readable);
        var program = Directory.CreateDirectory(Path.Combine(directory, "program")).FullName;
        File.SetUnixFileMode(program, readable);
        await File.WriteAllTextAsync(Path.Combine(program, "server.pl"), Program);

        var store = new DirectorySlugStore(Path.Combine(directory, "slugs"));
        using var archive = new MemoryStream();
        await SlugArchive.WriteAsync(program, archive);
        archive.Position = 0;
        var (slug, _) = await store.PutAsync(archive);

        var (launcher, report) = await SandboxLauncher.TryCreateAsync(new SandboxLauncherOptions
        {
            RecordsDirectory = Path.Combine(directory, "records"),
            ScratchDirectory = Path.Combine(directory, "scratch"),
        });
        Console.WriteLine($"{Environment.ProcessorCount} processors, load {(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}; not isolated here: {string.Join(' ', report.Missing.Select(static entry => entry.Guarantee).DefaultIfEmpty(ProcessIsolation.None))}");
        if (launcher is null)
        {
            await Console.Error.WriteLineAsync(report.ToString());
            Directory.Delete(directory, recursive: true);
            return null;
        }

        var runtime = new LocalDynoRuntime(launcher, new SlugUnpacker(store), new LocalDynoRuntimeOptions { DynosDirectory = Path.Combine(directory, "dynos") });
        var bench = new DynoWorkbench(directory, launcher, runtime, slug);
        await runtime.PrepareAsync(slug, UserOf(0));
        return bench;
    }

    /// <summary>Starts the program as it is.</summary>
    public Task<Server> StartBareAsync()
    {
        var port = FreePort();
        var start = new ProcessStartInfo("/usr/bin/perl", [Path.Combine(ProgramDirectory, "server.pl")]);
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        return Task.FromResult(new Server(new IPEndPoint(IPAddress.Loopback, port), async () =>
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }));
    }

    /// <summary>Starts it as a dyno.</summary>
    public async Task<Server> StartDynoAsync()
    {
        var dyno = await _runtime.StartAsync(Spec(0, "perl server.pl", listens: true));
        return new Server(dyno.Endpoint!, dyno.DisposeAsync);
    }

    /// <summary>Runs a command as a dyno of another app, again whenever it ends, until it is disposed.</summary>
    public IAsyncDisposable Misbehave(string command) => new Misbehaviour(() => _runtime.StartAsync(Spec(1, command, listens: false)));

    /// <summary>A port that nobody has at this moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _launcher.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static int? UserOf(int app) => Environment.IsPrivilegedProcess ? FirstUser + app : null;

    private DynoSpec Spec(int app, string command, bool listens) => new()
    {
        Id = Guid.NewGuid(),
        App = AppId.New(),
        AppName = AppName.Parse($"app-{app.ToString(CultureInfo.InvariantCulture)}"),
        Name = DynoName.Parse(string.Create(CultureInfo.InvariantCulture, $"{(listens ? "web" : "worker")}.{Interlocked.Increment(ref _started)}")),
        Release = new ReleaseVersion(1),
        Slug = _slug,
        Command = command,
        ConfigVars = ConfigVars.Empty,
        Listens = listens,
        Size = DynoSize.Standard1X,
        UserId = UserOf(app),
        Logs = _logs,
    };

    private sealed class Misbehaviour : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public Misbehaviour(Func<ValueTask<IDyno>> start) => _run = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                await using var dyno = await start();
                await Task.WhenAny(dyno.Exited, Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token));
            }
        });

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
