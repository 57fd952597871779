using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace PaaS.EndToEnd;

/// <summary>The reference host as a user starts it: a process of its own, on free ports, with a data directory of the test's.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly StringBuilder _log = new();
    private Process? _process;

    private readonly string[] _options;

    /// <summary>Prepares a host.</summary>
    /// <param name="options">Options of <c>up</c> beside those for ports, directories and the boot time-out.</param>
    public RunningHost(params string[] options)
    {
        _options = options;
        Root = Directory.CreateTempSubdirectory("paas-e2e-").FullName;

        // Tenants' processes have to get through to the work directory below it.
        File.SetUnixFileMode(Root, (UnixFileMode)Convert.ToInt32("711", 8));
        Data = Path.Combine(Root, "data");
        Work = Path.Combine(Root, "work");
    }

    /// <summary>How long its dynos may take to listen, in seconds.</summary>
    public int BootTimeout { get; init; } = 10;

    /// <summary>Environment variables of the host beside the test's own.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string Root { get; }

    public string Data { get; }

    public string Work { get; }

    public Uri ApiUrl { get; private set; } = null!;

    public int RouterPort { get; private set; }

    /// <summary>Where apps answer over HTTPS; 0 for nowhere.</summary>
    public int HttpsPort { get; private set; }

    public string Token => File.ReadAllText(Path.Combine(Data, "token")).Trim();

    public int Pid => _process!.Id;

    /// <summary>The name of this host in the paths of its cgroups.</summary>
    public string Id => File.ReadLines(Path.Combine(Data, "records", "host")).First();

    /// <summary>All that the host has written for its operator.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "ReferenceHost", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "ReferenceHost.dll"));

    public static async Task<RunningHost> StartNewAsync(params string[] options)
    {
        var host = new RunningHost(options);
        await host.StartAsync();
        return host;
    }

    public async Task StartAsync()
    {
        var ready = Path.Combine(Root, "ready.json");
        File.Delete(ready);
        _process = Launch(["up", "--port", "0", "--router-port", "0", "--data", Data, "--work", Work, "--ready-file", ready, "--boot-timeout", $"{BootTimeout}", .. _options]);
        var content = await Eventually.GetAsync("the host is ready", async () =>
            _process.HasExited ? throw new InvalidOperationException($"The host ended with {_process.ExitCode}:\n{Log}")
            : File.Exists(ready) ? await File.ReadAllTextAsync(ready)
            : null);
        using var json = JsonDocument.Parse(content);
        ApiUrl = new Uri(json.RootElement.GetProperty("api").GetString()!);
        RouterPort = json.RootElement.GetProperty("router_port").GetInt32();
        HttpsPort = json.RootElement.TryGetProperty("router_https_port", out var https) ? https.GetInt32() : 0;
    }

    /// <summary>Ends the host as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Ends the host as Ctrl-C does, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (_process is not { } process)
        {
            return 0;
        }

        _process = null;
        await Command.RunAsync("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Root, recursive: true);
    }

    private Process Launch(IEnumerable<string> arguments)
    {
        Assert.True(File.Exists(Program), $"{Program} is missing: build samples/ReferenceHost first.");
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        void Collect(object sender, DataReceivedEventArgs line)
        {
            lock (_log)
            {
                _log.AppendLine(line.Data);
            }
        }

        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
