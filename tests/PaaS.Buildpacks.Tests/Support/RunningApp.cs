using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PaaS.Runtime;

namespace PaaS.Buildpacks.Tests;

/// <summary>A built app that runs from a directory of its own, as a dyno without a sandbox does: there is no /app, and nothing of the build is left.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private const string Start = "for script in .profile.d/*.sh; do [ -e \"$script\" ] && . \"$script\"; done; exec bash -c \"$1\"";
    private readonly PlainLauncher _launcher;
    private readonly ProcessHandle _process;
    private readonly Task _reading;
    private readonly StringBuilder _output = new();

    private RunningApp(PlainLauncher launcher, ProcessHandle process, int port)
    {
        _launcher = launcher;
        _process = process;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(20) };
        _reading = ReadAsync();
    }

    public HttpClient Client { get; }

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a process type of a slug and waits until it answers.</summary>
    public static async Task<RunningApp> ServeAsync(BuildRig rig, Slug slug, string type = "web")
    {
        var app = await StartAsync(rig, slug, slug.ProcessTypes[ProcessType.Parse(type)]);
        try
        {
            await Wait.UntilAsync(() => app.Answers());
            return app;
        }
        catch (OperationCanceledException)
        {
            var output = app.Output;
            await app.DisposeAsync();
            throw new Xunit.Sdk.XunitException($"The app does not answer.\n{output}");
        }
    }

    /// <summary>Runs a command in a slug to its end.</summary>
    public static async Task<string> RunAsync(BuildRig rig, Slug slug, string command)
    {
        await using var app = await StartAsync(rig, slug, command);
        await app._process.Exited.WaitAsync(TimeSpan.FromSeconds(60));
        await app._reading.WaitAsync(TimeSpan.FromSeconds(10));
        return app.Output.TrimEnd();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
        await _launcher.DisposeAsync();
    }

    private static async Task<RunningApp> StartAsync(BuildRig rig, Slug slug, string command)
    {
        var home = rig.Temp[$"dyno-{Guid.NewGuid():N}"];
        await new SlugUnpacker(rig.Store).UnpackAsync(slug.Id, home, rig.UserId);
        var port = FreePort();
        var launcher = new PlainLauncher(rig.Temp[$"dyno-records-{Guid.NewGuid():N}"]);
        var process = await launcher.StartAsync(new ProcessSpec
        {
            Command = ["bash", "-c", Start, "dyno", command],
            WorkingDirectory = home,
            UserId = rig.UserId,
            Label = "test/web.1",
            Environment = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            [
                KeyValuePair.Create("PATH", "/usr/local/bin:/usr/bin:/bin"), new("HOME", home), new("DYNO", "web.1"), new("LANG", "C.UTF-8"),
                new("MEMORY_AVAILABLE", "512"), new("PORT", port.ToString(CultureInfo.InvariantCulture)),
            ]),
        });
        return new RunningApp(launcher, process, port);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private bool Answers()
    {
        if (_process.Exited.IsCompleted)
        {
            throw new Xunit.Sdk.XunitException($"The app has ended.\n{Output}");
        }

        try
        {
            using var connection = new TcpClient();
            connection.Connect(IPAddress.Loopback, Client.BaseAddress!.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[4096];
        int read;
        while ((read = await _process.Output.ReadAsync(buffer)) > 0)
        {
            lock (_output)
            {
                _output.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
    }
}
