using System.Diagnostics;
using System.Text;

namespace PaaS.EndToEnd;

/// <summary>The command <c>local</c> as a developer starts it, in a directory of the test's.</summary>
internal sealed class LocalRun : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    public LocalRun(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RunningHost.Program, "local", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.Environment["XDG_STATE_HOME"] = StateOf(directory);
        start.Environment["AROUND"] = "around";
        start.Environment["A"] = "around";
        start.Environment.Remove("PORT");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Collect;
        _process.ErrorDataReceived += Collect;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

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

    /// <summary>Where the runner records what it runs.</summary>
    public static string StateOf(string directory) => Path.Combine(directory, "state");

    public Task SaysAsync(string text) => Eventually.HoldsAsync($"it says {text}", () =>
        Output.Contains(text, StringComparison.Ordinal) || (_process.HasExited ? throw new InvalidOperationException($"It ended with {_process.ExitCode}:\n{Output}") : false));

    public Task SignalAsync(string signal) => Command.RunAsync("kill", [$"-{signal}", $"{_process.Id}"]);

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.Append(line.Data).Append('\n');
        }
    }
}
