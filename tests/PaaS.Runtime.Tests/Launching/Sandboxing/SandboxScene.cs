namespace PaaS.Runtime.Tests;

/// <summary>A sandbox launcher with directories of its own, and a slug; all are gone when a test ends.</summary>
internal sealed class SandboxScene : IAsyncDisposable
{
    private SandboxScene(string directory, SandboxLauncher launcher)
    {
        Directory = directory;
        Launcher = launcher;
    }

    public string Directory { get; }

    public SandboxLauncher Launcher { get; }

    /// <summary>What every process finds at /app.</summary>
    public string Slug => Path.Combine(Directory, "slug");

    public string Scratch => Path.Combine(Directory, "scratch");

    public string Records => Path.Combine(Directory, "records");

    public int RecordCount => System.IO.Directory.GetFiles(Records, "*.json").Length;

    /// <summary>How many processes have a directory there.</summary>
    public int ScratchCount => System.IO.Directory.GetDirectories(Scratch).Count(static path => Path.GetFileName(path) != SystemFiles.DirectoryName);

    public static async Task<SandboxScene> Open(bool networks = false, bool cgroups = true)
    {
        // As a host's data directory is: nobody else may enter.
        var directory = System.IO.Directory.CreateTempSubdirectory("paas-sandbox-").FullName;
        var (launcher, report) = await SandboxLauncher.TryCreateAsync(Options(directory, networks, cgroups));
        Assert.True(launcher is not null, report.ToString());
        var scene = new SandboxScene(directory, launcher);
        System.IO.Directory.CreateDirectory(scene.Slug);
        scene.Put("Procfile", "web: true\n");
        return scene;
    }

    public static SandboxLauncherOptions Options(string directory, bool networks = false, bool cgroups = true) => new()
    {
        RecordsDirectory = Path.Combine(directory, "records"),
        ScratchDirectory = Path.Combine(directory, "scratch"),
        UseNetworks = networks,
        UseCgroups = cgroups,
        TemporaryBytes = 8 * 1024 * 1024,
        SharedMemoryBytes = 1024 * 1024,
    };

    /// <summary>Writes a file into the slug, as the app's user's.</summary>
    public void Put(string name, string text)
    {
        var path = Path.Combine(Slug, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        if (RealProcesses.IsRoot)
        {
            Assert.Equal(0, Libc.ChangeOwner(path, RealProcesses.StrangerId, RealProcesses.StrangerId));
        }
    }

    public ProcessSpec Spec(params string[] command) => LauncherScene.Spec(command) with
    {
        WorkingDirectory = "/app",
        Label = "shop/web.1",
        UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null,
        Mounts = [new ProcessMount(Slug, "/app", ProcessMountMode.Ephemeral)],
    };

    public ProcessSpec Bash(string script) => Spec("/bin/bash", "--norc", "--noprofile", "-c", script);

    public ValueTask<ProcessHandle> Start(ProcessSpec spec) => Launcher.StartAsync(spec);

    /// <summary>Runs to the end: what it wrote, and its status.</summary>
    public async Task<(string Output, int Status)> Run(ProcessSpec spec)
    {
        await using var process = await Start(spec);
        var output = await LauncherScene.ReadAll(process.Output);
        var exit = await process.Exited.WaitAsync(RealProcesses.Deadline);
        return (output, exit.Status);
    }

    public async ValueTask DisposeAsync()
    {
        await Launcher.DisposeAsync();
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(Scratch));
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
