using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class LocalRunnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-local-").FullName;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();

    [Fact]
    public async Task All_run_with_names_and_ports_and_end_when_one_does()
    {
        var runner = Runner("web: echo $FOREMAN_WORKER_NAME on $PORT with $A; read -r line\nworker: echo working; sleep 0.2; exit 3\n");

        var exit = await runner.RunAsync().WaitAsync(RealProcesses.Deadline);

        Assert.Equal(3, exit);
        Assert.Matches(new Regex(@"^\d+:\d\d:\d\d [AP]M web\.1 +\|  web\.1 on 5006 with file$", RegexOptions.Multiline), Text(_output));
        Assert.Matches(new Regex(@"^\d+:\d\d:\d\d [AP]M worker\.1 +\|  working$", RegexOptions.Multiline), Text(_output));
        Assert.Contains("[DONE] Killing all processes with signal SIGINT", Text(_output), StringComparison.Ordinal);
        Assert.Matches(@"worker\.1 +Exited with exit code 3", Text(_error));
        Assert.DoesNotContain('\e', Text(_output) + Text(_error));
        AssertNothingLeft();
    }

    [Fact]
    public async Task Names_have_colours_if_wanted()
    {
        var runner = Runner("web: echo hello\n", static options => options with { Colors = true });

        Assert.Equal(0, await runner.RunAsync().WaitAsync(RealProcesses.Deadline));

        Assert.Matches(@"\e\[35m\d+:\d\d:\d\d [AP]M web\.1 +\| \e\[0m hello\n", Text(_output));
    }

    [Fact]
    public async Task A_stop_lets_processes_end_by_themselves_and_leaves_nothing()
    {
        var runner = Runner("web: trap 'echo bye; exit 0' TERM; (setsid sleep 1000 &); echo up; while :; do sleep 0.05; done\n");
        var run = runner.RunAsync();
        await RealProcesses.Until(() => Text(_output).Contains("up\n", StringComparison.Ordinal), "web.1 is up");

        runner.Stop(ProcessSignal.Terminate);

        Assert.Equal(0, await run.WaitAsync(RealProcesses.Deadline));
        Assert.Contains("|  bye\n", Text(_output), StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public async Task What_ignores_the_signal_is_killed_by_a_second_stop()
    {
        var runner = Runner("web: trap '' INT TERM; (setsid sleep 1000 &); echo up; while :; do sleep 0.05; done\n", static options => options with { Grace = TimeSpan.FromHours(1) });
        var run = runner.RunAsync();
        await RealProcesses.Until(() => Text(_output).Contains("up\n", StringComparison.Ordinal), "web.1 is up");

        runner.Stop();
        await RealProcesses.Until(() => Text(_output).Contains("[DONE]", StringComparison.Ordinal), "it was told to end");
        Assert.False(run.IsCompleted);
        runner.Stop();

        Assert.Equal(130, await run.WaitAsync(RealProcesses.Deadline));
        AssertNothingLeft();
    }

    [Fact]
    public async Task What_is_left_after_the_grace_is_killed()
    {
        var runner = Runner("web: trap '' INT; echo up; while :; do sleep 0.05; done\nworker: exit 4\n", static options => options with { Grace = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(4, await runner.RunAsync().WaitAsync(RealProcesses.Deadline));

        AssertNothingLeft();
    }

    [Fact]
    public async Task Cancelling_kills_at_once()
    {
        using var cancel = new CancellationTokenSource();
        var run = Runner("web: trap '' INT; echo up; while :; do sleep 0.05; done\n").RunAsync(cancel.Token);
        await RealProcesses.Until(() => Text(_output).Contains("up\n", StringComparison.Ordinal), "web.1 is up");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(RealProcesses.Deadline));
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_hundred_thousand_lines_come_out_as_a_hundred_thousand_lines()
    {
        Assert.Equal(0, await Runner("web: seq 1 100000\n").RunAsync().WaitAsync(RealProcesses.Deadline));

        var lines = Text(_output).Split('\n').Where(static line => line.Contains(" |  ", StringComparison.Ordinal)).Select(static line => line.Split(" |  ")[1]);
        Assert.Equal(Enumerable.Range(1, 100_000).Select(static n => $"{n}"), lines);
    }

    [Fact]
    public async Task When_nobody_takes_the_output_the_run_ends()
    {
        var runner = Runner("web: while :; do echo more; sleep 0.01; done\n", static options => options with { Output = new ClosedStream() });

        Assert.Equal(1, await runner.RunAsync().WaitAsync(RealProcesses.Deadline));

        AssertNothingLeft();
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private LocalRunner Runner(string procfile, Func<LocalRunOptions, LocalRunOptions>? change = null)
    {
        var options = new LocalRunOptions
        {
            Procfile = Procfile.Parse(procfile),
            Directory = _directory,
            Variables = ImmutableSortedDictionary<string, string>.Empty.Add("A", "file").Add("MARK", _directory),
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["A"] = "around" },
            Output = _output,
            Error = _error,
            StateDirectory = Path.Combine(_directory, "state"),
        };
        return new LocalRunner(change?.Invoke(options) ?? options);
    }

    private static string Text(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray());

    private void AssertNothingLeft()
    {
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_directory, "state")));
        var mark = Encoding.UTF8.GetBytes($"MARK={_directory}");
        Assert.DoesNotContain(Directory.GetDirectories("/proc"), process => int.TryParse(Path.GetFileName(process), out _) && HasMark(process, mark));
    }

    private static bool HasMark(string process, byte[] mark)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(process, "environ")).AsSpan().IndexOf(mark) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class ClosedStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Broken pipe");
    }
}
