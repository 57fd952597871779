using System.Collections.Immutable;
using System.Text;

namespace PaaS.Runtime.Tests;

/// <summary>A launcher with a directory of its own; both are gone when a test ends.</summary>
internal sealed class LauncherScene : IAsyncDisposable
{
    public LauncherScene(bool useCgroups = true)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("paas-launcher-").FullName;
        File.SetUnixFileMode(Directory, (UnixFileMode)0b111_101_101);
        Launcher = new PlainLauncher(Records, useCgroups);
    }

    public string Directory { get; }

    public string Records => Path.Combine(Directory, "records");

    public PlainLauncher Launcher { get; }

    public int RecordCount => System.IO.Directory.GetFiles(Records, "*.json").Length;

    /// <summary>The groups of this launcher's trees, in every hierarchy.</summary>
    public List<string> Groups() => GroupsOf(Records);

    public static List<string> GroupsOf(string records)
    {
        var host = File.ReadLines(Path.Combine(records, "host")).First();
        return [.. CgroupMount.Find(File.ReadLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup"))
            .SelectMany(static mount => mount.Parents)
            .Select(parent => Path.Combine(parent, HostCgroups.Product, host))
            .Where(System.IO.Directory.Exists)
            .SelectMany(System.IO.Directory.GetDirectories)];
    }

    public static ProcessSpec Spec(params string[] command) => new()
    {
        Command = [.. command],
        WorkingDirectory = "/",
        Label = "test/run.1",
        Environment = Variables(("PATH", "/usr/local/bin:/usr/bin:/bin")),
    };

    public static ProcessSpec Bash(string script) => Spec("/bin/bash", "--norc", "--noprofile", "-c", script);

    public static ImmutableSortedDictionary<string, string> Variables(params (string Name, string Value)[] variables) =>
        variables.ToImmutableSortedDictionary(static v => v.Name, static v => v.Value, StringComparer.Ordinal);

    public ValueTask<ProcessHandle> Start(ProcessSpec spec) => Launcher.StartAsync(spec);

    /// <summary>Runs to the end: what it wrote, and its status.</summary>
    public async Task<(string Output, int Status)> Run(ProcessSpec spec)
    {
        await using var process = await Start(spec);
        var output = await ReadAll(process.Output);
        var exit = await process.Exited.WaitAsync(RealProcesses.Deadline);
        return (output, exit.Status);
    }

    public static async Task<string> ReadAll(Stream stream)
    {
        using var text = new MemoryStream();
        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        await stream.CopyToAsync(text, deadline.Token);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>The next line; the stream is read byte by byte, so that nothing behind it is lost.</summary>
    public static async Task<string> ReadLine(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        using var deadline = new CancellationTokenSource(RealProcesses.Deadline);
        while (await stream.ReadAsync(one, deadline.Token) == 1 && one[0] != '\n')
        {
            line.Add(one[0]);
        }

        return Encoding.UTF8.GetString([.. line]);
    }

    public async ValueTask DisposeAsync()
    {
        await Launcher.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
