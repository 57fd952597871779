using System.Text;

namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class LocalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-e2e-local-").FullName;

    [Fact]
    public async Task A_Procfile_runs_with_ports_names_and_the_variables_of_the_env_file()
    {
        Write("Procfile", """
            release: echo migrating
            web: echo $FOREMAN_WORKER_NAME $PORT $A $AROUND $C; sleep 1000
            worker: echo $FOREMAN_WORKER_NAME $PORT; sleep 1000
            """);
        Write(".env", "PORT=6100\nA=\"from the file\" # really\n#A=no\nC=$A\nbad-name=1\n");

        await using var run = new LocalRun(_directory, "--concurrency", "web=2");
        await run.SaysAsync("web.1 6100 from the file around $A");
        await run.SaysAsync("web.2 6101 from the file");
        await run.SaysAsync("worker.1 6200");
        await run.SignalAsync("INT");

        Assert.Equal(0, await run.ExitAsync());
        Assert.DoesNotContain("migrating", run.Output, StringComparison.Ordinal);
        Assert.Contains("[OKAY] Loaded ENV .env File as KEY=VALUE Format", run.Output, StringComparison.Ordinal);
        Assert.Contains("bad-name", run.Output, StringComparison.Ordinal);
        Assert.Contains("[DONE] Killing all processes with signal SIGINT", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\d+:\d\d:\d\d [AP]M worker\.1 +\|  worker\.1 6200$", run.Output);
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public async Task Options_name_other_files_types_and_a_base_port_and_later_files_win()
    {
        Write("Procfile.dev", "web: echo no\nclock: echo $PORT $TOP_A $B; exit 5\n");
        Write("a.json", """{"top":{"a":"json"},"b":1}""");
        Write("b.env", "B=two\n");

        await using var run = new LocalRun(_directory, "clock", "-f", "Procfile.dev", "-p", "7000", "-e", "a.json,b.env,none.env");

        Assert.Equal(5, await run.ExitAsync());
        Assert.Contains("|  7000 json two\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("There is no file none.env", run.Output, StringComparison.Ordinal);
        Assert.Contains("Exited with exit code 5", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no", "-f", "missing")]
    [InlineData("nosuch", "nosuch")]
    [InlineData("1024", "-p", "80")]
    [InlineData("web=x", "web=x")]
    [InlineData("worker", "web", "-c", "worker=2")]
    public async Task What_cannot_run_is_refused_with_2(string why, params string[] arguments)
    {
        Write("Procfile", "web: echo hello\n");

        await using var run = new LocalRun(_directory, arguments);

        Assert.Equal(2, await run.ExitAsync());
        Assert.Contains(why, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_signal_kills_what_does_not_end()
    {
        var token = Token();
        Write("Procfile", $"web: trap '' INT TERM; (setsid sleep {token} &); echo up; while :; do sleep 0.1; done\n");

        await using var run = new LocalRun(_directory);
        await run.SaysAsync("|  up");
        await run.SignalAsync("TERM");
        await run.SaysAsync("[DONE]");
        await run.SignalAsync("INT");

        Assert.Equal(130, await run.ExitAsync());
        Assert.Empty(Find(token));
    }

    [Fact]
    public async Task When_the_runner_is_killed_hard_at_any_moment_nothing_is_left()
    {
        var random = new Random(30);
        for (var moment = 0; moment < Size.Of(5, 200); moment++)
        {
            var token = Token();
            Write("Procfile", $"""
                web: trap '' INT TERM HUP; (setsid bash -c 'trap "" HUP TERM; sleep {token}; :' </dev/null >/dev/null 2>&1 &); echo up; while :; do sleep 0.1; done # {token}
                worker: exec >&- 2>&-; setsid sleep {token}; exec sleep {token}
                clock: (env -i setsid sleep {token} &) ; (setsid sleep {token} &) ; exec sleep {token}
                """);
            await using var run = new LocalRun(_directory);

            // Half of them while it starts, half while all are up.
            if (moment % 2 == 0)
            {
                await run.SaysAsync("|  up");
            }

            await Task.WhenAny(run.ExitAsync(), Timer(random.Next(1, 400)));
            await run.KillAsync();

            await Eventually.HoldsAsync($"nothing is left after hard kill {moment}: {string.Join(' ', Find(token))}", () => Find(token).Count == 0);
        }

        // The next one removes what the dead ones could not.
        Write("Procfile", "web: true\n");
        await using var last = new LocalRun(_directory);
        Assert.Equal(0, await last.ExitAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(LocalRun.StateOf(_directory), "paas", "local")));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>A number of seconds that nobody else sleeps for.</summary>
    private static string Token() => $"1{Random.Shared.NextInt64(1_000_000_000, 9_999_999_999)}";

    /// <summary>The processes with the token in their command line.</summary>
    private static List<string> Find(string token)
    {
        var found = new List<string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var line = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(directory, "cmdline"))).Replace('\0', ' ');
                if (line.Contains(token, StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(directory)} ({line.Trim()})");
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The process has ended meanwhile.
            }
        }

        return found;
    }

    private static async Task Timer(int milliseconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        await timer.WaitForNextTickAsync();
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
