using System.Diagnostics;
using System.Globalization;

namespace PaaS.Runtime.Tests;

/// <summary>The test assembly run as a program: a host of its own with three trees that are hard to kill, for tests that kill the host.</summary>
internal static class TestHost
{
    public static readonly string[] Scripts =
    [
        "trap '' TERM; (setsid bash -c 'trap \"\" TERM HUP; sleep 301 & sleep 302; :' >/dev/null 2>&1 &); sleep 303; :",
        "(setsid sleep 304 >/dev/null 2>&1 &); exit 0",
        "env -i sleep 305 & exec 1>&- 2>&-; while :; do sleep 306; done",
    ];

    public static readonly int[] Counts = [5, 1, 3];

    /// <summary>Starts the trees, writes their process ids in one line, and waits for the end of its input.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["sandbox", var directory, var slug, var useCgroups])
        {
            return await RunSandbox(directory, slug, bool.Parse(useCgroups));
        }

        if (arguments is not ["host" or "churn", var records, var cgroups])
        {
            await Console.Error.WriteLineAsync("Usage: host|churn RECORDS true|false. Tests are run by dotnet test.");
            return 2;
        }

        var launcher = new PlainLauncher(records, bool.Parse(cgroups));
        if (arguments[0] == "churn")
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(n => ChurnAsync(launcher, records, n)));
        }

        var trees = new List<ProcessHandle>();
        foreach (var script in Scripts)
        {
            trees.Add(await launcher.StartAsync(LauncherScene.Bash(script)));
        }

        await RealProcesses.Until(() => trees.Select(static tree => tree.ListProcesses().Count).SequenceEqual(Counts), "all trees stand");
        Console.WriteLine(string.Join(' ', trees.SelectMany(static tree => tree.ListProcesses()).Select(static pid => pid.ToString(CultureInfo.InvariantCulture))));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Starts this program with its input and output.</summary>
    public static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(TestHost).Assembly.Location, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>The same with one tree in a sandbox.</summary>
    private static async Task<int> RunSandbox(string directory, string slug, bool cgroups)
    {
        var (launcher, report) = await SandboxLauncher.TryCreateAsync(SandboxScene.Options(directory, cgroups: cgroups));
        if (launcher is null)
        {
            await Console.Error.WriteLineAsync(report.ToString());
            return 3;
        }

        var tree = await launcher.StartAsync(LauncherScene.Bash(Scripts[0]) with
        {
            WorkingDirectory = "/app",
            UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null,
            Mounts = [new ProcessMount(slug, "/app", ProcessMountMode.Ephemeral)],
        });
        await RealProcesses.Until(() => tree.ListProcesses().Count == Counts[0] + 2, "the tree stands");
        Console.WriteLine(string.Join(' ', tree.ListProcesses().Select(static pid => pid.ToString(CultureInfo.InvariantCulture))));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Starts and ends trees until it is killed itself. They can be told by their directory.</summary>
    private static async Task ChurnAsync(PlainLauncher launcher, string records, int number)
    {
        for (var round = 0; ; round++)
        {
            var script = Scripts[(number + round) % Scripts.Length];
            await using var tree = await launcher.StartAsync(LauncherScene.Bash(script) with { WorkingDirectory = records });
            if (round == 0 && number == 0)
            {
                Console.WriteLine("ready");
            }

            await Task.Delay((number + 1) * 4);
        }
    }
}
