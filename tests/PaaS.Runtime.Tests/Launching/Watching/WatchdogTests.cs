using System.Diagnostics;
using System.Globalization;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class WatchdogTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task When_the_host_is_killed_or_ends_every_tree_ends(bool cgroups, bool ends)
    {
        await using var scene = new LauncherScene();
        await using var stranger = await scene.Start(LauncherScene.Bash(TestHost.Scripts[0]));
        await RealProcesses.Until(() => stranger.ListProcesses().Count == TestHost.Counts[0], "the stranger stands");
        var records = Path.Combine(scene.Directory, "host");
        using var host = Start(records, cgroups);
        var pids = await Pids(host);
        Assert.Equal(TestHost.Counts.Sum(), pids.Length);
        var watchdog = Assert.Single(Watchdogs(host.Id));

        if (ends)
        {
            host.StandardInput.Close();
        }
        else
        {
            host.Kill();
        }

        await host.WaitForExitAsync().WaitAsync(RealProcesses.Deadline);
        await RealProcesses.Until(() => !pids.Any(static pid => ProcessStat.Read(pid) is { IsAlive: true }), "all trees have ended");
        await RealProcesses.Until(() => ProcessStat.Read(watchdog) is not { IsAlive: true }, "the watchdog has ended");
        Assert.Empty(LauncherScene.GroupsOf(records));
        Assert.Equal(TestHost.Counts[0], stranger.ListProcesses().Count);
        await using var next = new PlainLauncher(records, cgroups);
        Assert.All(await next.SweepAsync(), static swept => Assert.Equal(0, swept.Killed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whenever_a_busy_host_is_killed_nothing_of_it_is_left(bool cgroups)
    {
        await using var scene = new LauncherScene();
        var random = new Random(7);
        var records = Path.Combine(scene.Directory, "host");
        for (var moment = 0; moment < 5; moment++)
        {
            using var host = Start(records, cgroups, "churn");
            Assert.Equal("ready", await host.StandardOutput.ReadLineAsync().WaitAsync(RealProcesses.Deadline));
            await Task.Delay(random.Next(1, 120));

            host.Kill();

            await host.WaitForExitAsync().WaitAsync(RealProcesses.Deadline);
            await RealProcesses.Until(() => !ProcessStat.ReadAll().Any(p => p.IsAlive && new FileInfo($"/proc/{p.Id}/cwd").LinkTarget == records), "nothing is left");
        }

        await using var next = new PlainLauncher(records, cgroups);
        Assert.All(await next.SweepAsync(), static swept => Assert.Equal(0, swept.Killed));
        await RealProcesses.Until(() => LauncherScene.GroupsOf(records).All(static path => CgroupFile.Read(path, "cgroup.procs") is null or ""), "their parents have reaped them");
        await next.SweepAsync();
        Assert.Empty(LauncherScene.GroupsOf(records));
        Assert.Empty(Directory.GetFiles(records, "*.json"));
    }

    [Fact]
    public async Task A_watchdog_that_was_killed_is_replaced_and_knows_all()
    {
        await using var scene = new LauncherScene();
        using var host = Start(scene.Records, cgroups: false);
        var pids = await Pids(host);
        var first = Assert.Single(Watchdogs(host.Id));

        Assert.Equal(0, Libc.Kill(first, (int)ProcessSignal.Kill));
        await RealProcesses.Until(() => Watchdogs(host.Id) is [var second] && second != first, "there is another");
        host.Kill();

        await RealProcesses.Until(() => !pids.Any(static pid => ProcessStat.Read(pid) is { IsAlive: true }), "all trees have ended");
    }

    [Fact]
    public async Task It_has_a_session_of_its_own_no_environment_and_nothing_of_the_hosts_open()
    {
        var others = Watchdogs(Environment.ProcessId);
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        var watchdog = Assert.Single(Watchdogs(Environment.ProcessId).Except(others));
        string[] Open() => [.. Directory.GetFileSystemEntries($"/proc/{watchdog}/fd").Order().Select(static path => new FileInfo(path).LinkTarget ?? "")];
        await RealProcesses.Until(() => Open() is [_, "/dev/null", "/dev/null"], "it has closed what it was started with");

        Assert.StartsWith("pipe:", Open()[0], StringComparison.Ordinal);
        Assert.Equal(watchdog, ProcessStat.Read(watchdog)!.Value.Session);
        Assert.Empty(await File.ReadAllBytesAsync($"/proc/{watchdog}/environ"));
        Assert.Equal("/", new FileInfo($"/proc/{watchdog}/cwd").LinkTarget);
        Assert.True(scene.Launcher.Isolation.HasFlag(ProcessIsolation.DiesWithHost));
        Assert.Equal(0, Libc.Kill(watchdog, (int)ProcessSignal.Interrupt));
        Assert.Equal(0, Libc.Kill(watchdog, (int)ProcessSignal.Terminate));

        await scene.Launcher.DisposeAsync();

        Assert.Null(ProcessStat.Read(watchdog));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public async Task Only_the_session_whose_first_process_still_holds_the_number_is_killed(int difference, bool killed)
    {
        await using var scene = new LauncherScene(useCgroups: false);
        await using var process = await scene.Start(LauncherScene.Bash("sleep 301 & sleep 302"));
        await using var gone = await scene.Start(LauncherScene.Spec("/bin/sleep", "303"));
        await RealProcesses.Until(() => process.ListProcesses().Count == 3, "it stands");
        var start = ProcessStat.Read(process.Id)!.Value.StartTime + difference;
        var other = ProcessStat.Read(gone.Id)!.Value.StartTime;
        var marker = Guid.NewGuid();

        await Bark($"+{marker:N}:{process.Id}:{start}\n+{Guid.Empty:N}:{gone.Id}:{other}\n-{Guid.Empty:N}\n-{Guid.NewGuid():N}\n+{marker:N}:");

        Assert.Equal(killed, process.Exited.IsCompleted || ProcessStat.Read(process.Id) is not { IsAlive: true });
        Assert.Equal(killed ? 0 : 3, process.ListProcesses().Count);
        Assert.False(gone.Exited.IsCompleted);
    }

    [Fact]
    public async Task A_name_made_to_look_like_another_processs_line_hides_nothing()
    {
        await using var scene = new LauncherScene(useCgroups: false);
        await using var process = await scene.Start(LauncherScene.Bash("printf 'a) S 1 1\\n* 9' >/proc/$$/comm; echo ready; while :; do read -t 300; done") with { RedirectInput = true });
        Assert.Equal("ready", await LauncherScene.ReadLine(process.Output));

        await Bark($"+{Guid.NewGuid():N}:{process.Id}:{ProcessStat.Read(process.Id)!.Value.StartTime}\n");

        Assert.Equal(137, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Fact]
    public async Task Many_trees_that_came_and_went_leave_it_nothing_to_kill()
    {
        await using var scene = new LauncherScene();
        await using var process = await scene.Start(LauncherScene.Spec("/bin/sleep", "300"));
        var lines = Enumerable.Range(0, 300).Select(static _ => Guid.NewGuid().ToString("N")).ToList();

        var seconds = await Bark(string.Concat(lines.Select(m => $"+{m}:{process.Id}:{ProcessStat.Read(process.Id)!.Value.StartTime}\n")) + string.Concat(lines.AsEnumerable().Reverse().Select(static m => $"-{m}\n")));

        Assert.False(process.Exited.IsCompleted);
        Assert.Equal(0, seconds);
    }

    /// <summary>Runs the script alone, with these lines and then the end of its input.</summary>
    internal static async Task<int> Bark(string lines, params IEnumerable<string> directories)
    {
        using var dog = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", WatchdogScript.Text, "paas-watchdog", .. directories]) { RedirectStandardInput = true })!;
        await dog.StandardInput.WriteAsync(lines);
        dog.StandardInput.Close();
        await dog.WaitForExitAsync().WaitAsync(RealProcesses.Deadline);
        return dog.ExitCode;
    }

    private static Process Start(string records, bool cgroups, string mode = "host") =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(TestHost).Assembly.Location, mode, records, cgroups ? "true" : "false"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static async Task<int[]> Pids(Process host)
    {
        var line = await host.StandardOutput.ReadLineAsync().WaitAsync(RealProcesses.Deadline);
        return [.. line!.Split(' ').Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
    }

    private static List<int> Watchdogs(int parent) =>
        [.. ProcessStat.ReadAll().Where(p => p.Parent == parent && p.IsAlive && Arguments(p.Id).Contains("paas-watchdog", StringComparison.Ordinal)).Select(static p => p.Id)];

    private static string Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
