namespace PaaS.Runtime.Tests;

public sealed class SystemFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-etc-").FullName;
    private readonly SystemFiles _files;

    public SystemFilesTests()
    {
        Write("services", "http 80/tcp\n");
        Write("shadow", "root:secret\n");
        Write("ssl/certs/one.pem", "one");
        Write("ssl/private/key.pem", "key");
        Write("ssl/locked.pem", "locked");
        File.SetUnixFileMode(Path.Combine(Source, "ssl/private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Path.Combine(Source, "ssl/locked.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(Path.Combine(Source, "ssl/certs/link.pem"), "one.pem");
        Write("../elsewhere", "UTC");
        File.CreateSymbolicLink(Path.Combine(Source, "localtime"), "../elsewhere");
        _files = new SystemFiles(Scratch, Source);
    }

    private string Source => Path.Combine(_directory, "source");

    private string Scratch => Path.Combine(_directory, "scratch");

    [Fact]
    public void What_everybody_may_read_is_copied_and_nothing_else()
    {
        var copy = _files.Current();

        Assert.True(_files.Owns(copy));
        Assert.Equal(
            ["group", "hosts", "localtime", "passwd", "resolv.conf", "services", "ssl", "ssl/certs", "ssl/certs/link.pem", "ssl/certs/one.pem"],
            Directory.EnumerateFileSystemEntries(copy, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(copy, path)).Order(StringComparer.Ordinal));
        Assert.Equal("one.pem", new FileInfo(Path.Combine(copy, "ssl/certs/link.pem")).LinkTarget);
        Assert.Null(new FileInfo(Path.Combine(copy, "localtime")).LinkTarget);
        Assert.Equal("UTC", File.ReadAllText(Path.Combine(copy, "localtime")));
        Assert.True(File.GetUnixFileMode(copy).HasFlag(UnixFileMode.OtherRead | UnixFileMode.OtherExecute));
    }

    [Fact]
    public void Of_Mavens_files_those_are_shown_that_start_it_and_not_its_settings()
    {
        Write("maven/m2.conf", "main");
        Write("maven/logging/simplelogger.properties", "level");
        Write("maven/settings.xml", "<password>");

        var maven = Path.Combine(_files.Current(), "maven");

        Assert.Equal(
            ["logging", "logging/simplelogger.properties", "m2.conf"],
            Directory.EnumerateFileSystemEntries(maven, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(maven, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Unchanged_files_are_not_copied_again() => Assert.Equal(_files.Current(), _files.Current());

    [Theory]
    [InlineData("services", "https 443/tcp\n")]
    [InlineData("../elsewhere", "Europe/Berlin")]
    [InlineData("ssl/certs/two.pem", "two")]
    [InlineData("nsswitch.conf", "hosts: files dns\n")]
    [InlineData("java-99/java.security", "new")]
    public void A_change_is_seen_by_the_next_process_and_an_earlier_copy_stays(string path, string text)
    {
        var before = _files.Current();
        Write(path, text);
        var after = _files.Current();

        Assert.NotEqual(before, after);
        Assert.Equal(text, File.ReadAllText(Path.Combine(after, path.Replace("../elsewhere", "localtime", StringComparison.Ordinal))));
        Assert.Equal("http 80/tcp\n", File.ReadAllText(Path.Combine(before, "services")));
    }

    [Fact]
    public void The_sweep_removes_what_an_earlier_host_left_and_the_end_the_rest()
    {
        var earlier = new SystemFiles(Scratch, Source).Current();
        var own = _files.Current();

        _files.Sweep();
        Assert.False(Directory.Exists(earlier));
        Assert.True(Directory.Exists(own));

        _files.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(Scratch));
    }

    public void Dispose()
    {
        _files.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Write(string name, string text)
    {
        var path = Path.GetFullPath(Path.Combine(Source, name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
