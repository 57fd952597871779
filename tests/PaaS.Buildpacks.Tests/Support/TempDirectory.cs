namespace PaaS.Buildpacks.Tests;

/// <summary>A directory of one test, that users other than the test's own may pass through.</summary>
public sealed class TempDirectory : IDisposable
{
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public TempDirectory()
    {
        Path = Directory.CreateTempSubdirectory("paas-buildpacks-").FullName;
        File.SetUnixFileMode(Path, Passable);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
