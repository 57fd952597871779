namespace PaaS.Runtime.Tests;

/// <summary>An engine whose launcher gives files of their own and starts nothing, and an unpacker that does as it is told.</summary>
internal sealed class SharedSlugScene : IDisposable, ISlugUnpacker
{
    private static readonly UnixFileMode Sticky = (UnixFileMode)0b111_101_101;

    public SharedSlugScene(Func<LocalDynoRuntimeOptions, LocalDynoRuntimeOptions>? configure = null, RecordingLauncher? launcher = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("paas-slugs-").FullName;
        Launcher = launcher ?? new();
        var options = new LocalDynoRuntimeOptions { DynosDirectory = Directory };
        Runtime = new LocalDynoRuntime(Launcher, this, configure?.Invoke(options) ?? options);
    }

    public string Directory { get; }

    public RecordingLauncher Launcher { get; }

    public LocalDynoRuntime Runtime { get; }

    public LogStream Logs { get; } = new();

    /// <summary>Every unpacking, in order.</summary>
    public List<(SlugId Slug, int? UserId, string Path)> Unpackings { get; } = [];

    /// <summary>What the next unpackings wait for.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>What the next unpackings fail with.</summary>
    public Exception? Failure { get; set; }

    public int GivenUp { get; private set; }

    /// <summary>How many bytes a slug has.</summary>
    public int Bytes { get; set; } = 10;

    public string[] Kept => System.IO.Directory.Exists(Path.Combine(Directory, "slugs")) ? System.IO.Directory.GetDirectories(Path.Combine(Directory, "slugs")) : [];

    public static SlugId Slug(byte number) => SlugId.FromDigest([.. Enumerable.Repeat(number, 32)]);

    public DynoSpec Spec(byte slug = 1, string name = "web.1", bool listens = false) => new()
    {
        Id = Guid.NewGuid(),
        App = AppId.New(),
        AppName = AppName.Parse("shop"),
        Name = DynoName.Parse(name),
        Release = new ReleaseVersion(1),
        Slug = Slug(slug),
        Command = "true",
        ConfigVars = ConfigVars.Empty,
        Listens = listens,
        Size = DynoSize.Standard2X,
        UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null,
        Logs = Logs,
    };

    public async ValueTask UnpackAsync(SlugId slug, string directory, int? userId = null, CancellationToken cancellationToken = default)
    {
        lock (Unpackings)
        {
            Unpackings.Add((slug, userId, directory));
        }

        System.IO.Directory.CreateDirectory(directory);
        System.IO.Directory.CreateDirectory(Path.Combine(directory, "lib"));
        await File.WriteAllBytesAsync(Path.Combine(directory, "lib", "file"), new byte[Bytes], CancellationToken.None);
        File.CreateSymbolicLink(Path.Combine(directory, "link"), "/usr");
        File.SetUnixFileMode(directory, Sticky);
        try
        {
            await (Gate?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GivenUp++;
            throw;
        }

        if (Failure is { } failure)
        {
            throw failure;
        }
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
