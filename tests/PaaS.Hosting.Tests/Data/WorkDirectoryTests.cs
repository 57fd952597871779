using System.Diagnostics;
using System.Runtime.Versioning;

namespace PaaS.Hosting.Tests;

[SupportedOSPlatform("linux")]
public sealed class WorkDirectoryTests : IDisposable
{
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("paas-work-");
    private readonly DataDirectory _data;

    public WorkDirectoryTests()
    {
        // A temporary directory is its owner's alone; tenants have to pass through what is above the work directory.
        _parent.UnixFileMode = Passable;
        _data = DataDirectory.Open(Path.Combine(_parent.FullName, "data"));
    }

    private string WorkPath => Path.Combine(_parent.FullName, "work");

    public void Dispose()
    {
        _data.Dispose();
        _parent.Delete(recursive: true);
    }

    [Fact]
    public void Tenants_may_pass_through_the_work_directory_but_not_list_it()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);

        Assert.All((string[])[work.Path, work.Builds, work.Dynos, work.Caches], directory => Assert.Equal(Passable, File.GetUnixFileMode(directory)));
    }

    [Fact]
    public void The_default_is_outside_the_data_directory_when_the_host_is_root_and_inside_otherwise()
    {
        using var work = WorkDirectory.Open(null, _data);
        try
        {
            Assert.Equal(Environment.IsPrivilegedProcess, !work.Path.StartsWith(_data.Path, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(work.Path, recursive: true);
        }
    }

    [Fact]
    public void Two_hosts_never_share_a_work_directory()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        using var otherData = DataDirectory.Open(Path.Combine(_parent.FullName, "other"));

        Assert.Throws<DataDirectoryInUseException>(() => WorkDirectory.Open(WorkPath, otherData));
    }

    [Fact]
    public void A_symbolic_link_in_place_of_the_work_directory_or_a_room_of_it_is_refused()
    {
        var elsewhere = _parent.CreateSubdirectory("elsewhere").FullName;
        File.CreateSymbolicLink(WorkPath, elsewhere);
        Assert.Throws<DataDirectoryException>(() => WorkDirectory.Open(WorkPath, _data));

        var second = Path.Combine(_parent.FullName, "second");
        WorkDirectory.Open(second, _data).Dispose();
        Directory.Delete(Path.Combine(second, "builds"));
        File.CreateSymbolicLink(Path.Combine(second, "builds"), elsewhere);
        Assert.Throws<DataDirectoryException>(() => WorkDirectory.Open(second, _data));
    }

    [Fact]
    public void A_work_directory_where_others_may_write_is_refused()
    {
        WorkDirectory.Open(WorkPath, _data).Dispose();
        File.SetUnixFileMode(WorkPath, Passable | UnixFileMode.OtherWrite);

        var refusal = Assert.Throws<DataDirectoryException>(() => WorkDirectory.Open(WorkPath, _data));

        Assert.Contains("chmod go-w", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_root_a_place_that_tenants_cannot_reach_or_others_could_swap_is_refused()
    {
        Assert.True(Environment.IsPrivilegedProcess, "An app gets a user of its own only from a host that is root: run the tests as root.");

        _parent.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Contains("cannot reach", Assert.Throws<DataDirectoryException>(() => WorkDirectory.Open(WorkPath, _data)).Message, StringComparison.Ordinal);

        _parent.UnixFileMode = Passable | UnixFileMode.OtherWrite;
        Assert.Contains("not safe", Assert.Throws<DataDirectoryException>(() => WorkDirectory.Open(WorkPath, _data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_deletes_what_builds_and_dynos_left_and_keeps_caches()
    {
        WorkDirectory.Open(WorkPath, _data).Dispose();
        using var work = WorkDirectory.Open(WorkPath, _data);
        foreach (var room in (string[])[work.Builds, work.Dynos, work.Caches])
        {
            Directory.CreateDirectory(Path.Combine(room, "a", "b", "c"));
            File.WriteAllText(Path.Combine(room, "a", "b", "file"), "x");
        }

        Assert.Empty(work.Sweep());

        Assert.Empty(Directory.EnumerateFileSystemEntries(work.Builds));
        Assert.Empty(Directory.EnumerateFileSystemEntries(work.Dynos));
        Assert.True(File.Exists(Path.Combine(work.Caches, "a", "b", "file")));
    }

    [Fact]
    public void What_sandboxes_of_an_earlier_host_wrote_is_deleted_and_no_link_is_followed()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        Assert.Empty(work.SweepScratch());
        var precious = _parent.CreateSubdirectory("precious");
        File.WriteAllText(Path.Combine(precious.FullName, "file"), "x");
        Directory.CreateDirectory(Path.Combine(work.Scratch, "a", "b"));
        File.CreateSymbolicLink(Path.Combine(work.Scratch, "a", "b", "link"), precious.FullName);

        Assert.Empty(work.SweepScratch());

        Assert.Empty(Directory.EnumerateFileSystemEntries(work.Scratch));
        Assert.True(File.Exists(Path.Combine(precious.FullName, "file")));
    }

    [Fact]
    public void A_sweep_deletes_links_and_not_what_they_lead_to()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        var precious = _parent.CreateSubdirectory("precious");
        File.WriteAllText(Path.Combine(precious.FullName, "file"), "x");
        var mode = precious.UnixFileMode;
        File.CreateSymbolicLink(Path.Combine(work.Builds, "direct"), precious.FullName);
        Directory.CreateDirectory(Path.Combine(work.Builds, "a", "b"));
        File.CreateSymbolicLink(Path.Combine(work.Builds, "a", "b", "link"), precious.FullName);
        File.CreateSymbolicLink(Path.Combine(work.Builds, "a", "loop"), "..");
        File.CreateSymbolicLink(Path.Combine(work.Builds, "a", "dangling"), "nowhere");

        Assert.Empty(work.Sweep());

        Assert.Empty(Directory.EnumerateFileSystemEntries(work.Builds));
        Assert.Equal("x", File.ReadAllText(Path.Combine(precious.FullName, "file")));
        Assert.Equal(mode, File.GetUnixFileMode(precious.FullName));
    }

    [Fact]
    public async Task A_sweep_copes_with_odd_modes_odd_names_and_trees_without_end()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        // Made with the tools that a tenant has: bytes that are no UTF-8, modes that lock out, pipes, and a path longer than any call takes.
        const string Script = """
            mkdir -p locked/inner/more && touch locked/inner/file && chmod 000 locked/inner/more locked/inner locked
            printf 'x' > "$(printf 'bad\377name')" && mkdir "$(printf 'bad\376dir')" && touch "$(printf 'bad\376dir')/$(printf 'new\nline')"
            mkfifo pipe && touch -- -rf '*' ' ' && chmod 4000 -- -rf
            i=0; while [ $i -lt 600 ]; do mkdir aaaaaaaaaaaaaaaaaaaa && cd aaaaaaaaaaaaaaaaaaaa && touch leaf || exit 1; i=$((i+1)); done
            """;
        var start = new ProcessStartInfo("bash", ["-c", Script]) { WorkingDirectory = work.Dynos };
        using (var tenant = Process.Start(start)!)
        {
            await tenant.WaitForExitAsync();
            Assert.Equal(0, tenant.ExitCode);
        }

        Assert.Empty(work.Sweep());

        Assert.Empty(Directory.EnumerateFileSystemEntries(work.Dynos));
    }

    [Fact]
    public void One_build_is_removed_and_its_neighbours_stay()
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        Directory.CreateDirectory(Path.Combine(work.Builds, "one", "sub"));
        File.WriteAllText(Path.Combine(work.Builds, "one", "sub", "file"), "x");
        Directory.CreateDirectory(Path.Combine(work.Builds, "two"));

        Assert.Empty(work.Remove(Path.Combine(work.Builds, "one")));
        Assert.Empty(work.Remove(Path.Combine(work.Builds, "one")));

        Assert.Equal(["two"], Directory.EnumerateFileSystemEntries(work.Builds).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(work.Path, "trash")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("builds")]
    [InlineData("builds/one/sub")]
    [InlineData("builds/..")]
    [InlineData("builds/../..")]
    public void Only_a_directory_of_one_build_dyno_or_cache_can_be_removed(string relative)
    {
        using var work = WorkDirectory.Open(WorkPath, _data);
        Directory.CreateDirectory(Path.Combine(work.Builds, "one", "sub"));

        Assert.Throws<ArgumentException>(() => work.Remove(Path.Combine(work.Path, relative)));

        Assert.True(Directory.Exists(Path.Combine(work.Builds, "one", "sub")));
    }
}
