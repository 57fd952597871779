using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace PaaS.Hosting.Tests;

[SupportedOSPlatform("linux")]
public sealed class DataDirectoryTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("paas-data-");

    private string DataPath => Path.Combine(_parent.FullName, "deep", "data");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void A_new_data_directory_is_made_for_its_owner_only_with_all_its_rooms()
    {
        using var data = DataDirectory.Open(DataPath);

        Assert.Equal(DataPath, data.Path);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(data.Path));
        Assert.All((string[])[data.SlugsDirectory, data.RepositoriesDirectory, data.KeysDirectory, data.RecordsDirectory, data.HooksDirectory], room => Assert.True(Directory.Exists(room)));
        Assert.Equal("1\n", File.ReadAllText(Path.Combine(DataPath, "format")));
    }

    [Fact]
    public void A_data_directory_that_others_could_read_is_tightened()
    {
        DataDirectory.Open(DataPath).Dispose();
        File.SetUnixFileMode(DataPath, OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite);

        DataDirectory.Open(DataPath).Dispose();

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(DataPath));
    }

    [Fact]
    public void A_second_host_is_told_the_path_and_the_process_of_the_first()
    {
        using var first = DataDirectory.Open(DataPath);

        var refusal = Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Open(DataPath + "/"));

        Assert.Equal((DataPath, Environment.ProcessId), (refusal.Path, refusal.ProcessId));
        Assert.Contains(DataPath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_directory_is_free_again_when_its_host_ends_and_a_stale_pid_does_not_matter()
    {
        DataDirectory.Open(DataPath).Dispose();
        File.WriteAllText(Path.Combine(DataPath, "lock"), "1\n");

        DataDirectory.Open(DataPath).Dispose();

        Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(Path.Combine(DataPath, "lock")));
    }

    [Fact]
    public async Task A_child_process_does_not_inherit_the_lock()
    {
        var data = DataDirectory.Open(DataPath);
        using var child = Process.Start(new ProcessStartInfo("sleep", ["60"]))!;
        try
        {
            data.Dispose();

            DataDirectory.Open(DataPath).Dispose();
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_killed_host_leaves_the_data_directory_free()
    {
        DataDirectory.Open(DataPath).Dispose();
        using var host = Process.Start(new ProcessStartInfo("flock", ["--no-fork", Path.Combine(DataPath, "lock"), "sh", "-c", "echo locked; exec sleep 60"]) { RedirectStandardOutput = true })!;
        Assert.Equal("locked", await host.StandardOutput.ReadLineAsync());
        Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Open(DataPath));

        host.Kill();
        await host.WaitForExitAsync();

        DataDirectory.Open(DataPath).Dispose();
    }

    [Theory]
    [InlineData("2\n", "format 2")]
    [InlineData("", "should hold the number")]
    [InlineData("one", "should hold the number")]
    [InlineData("0", "should hold the number")]
    public void A_format_that_is_newer_or_unreadable_is_refused_and_the_lock_given_back(string format, string reason)
    {
        DataDirectory.Open(DataPath).Dispose();
        File.WriteAllText(Path.Combine(DataPath, "format"), format);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(DataPath));
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_directory_with_someones_files_is_not_taken_and_keeps_its_mode()
    {
        var home = Directory.CreateDirectory(DataPath);
        File.WriteAllText(Path.Combine(DataPath, "diary.txt"), "dear diary");
        var mode = home.UnixFileMode;

        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(DataPath));

        Assert.Contains("diary.txt", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(mode, File.GetUnixFileMode(DataPath));
        Assert.Equal(["diary.txt"], Directory.EnumerateFileSystemEntries(DataPath).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_directory_of_someone_else_is_refused()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Throws<DataDirectoryException>(() => DataDirectory.Open("/"));
            return;
        }

        Directory.CreateDirectory(DataPath);
        await ShellAsync("chown", "nobody", DataPath);

        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(DataPath));

        Assert.Contains("belongs to user", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_made_once_and_kept_for_its_owner_only()
    {
        using var data = DataDirectory.Open(DataPath);

        var made = data.LoadOrCreateToken(null);

        Assert.StartsWith("paas-", made, StringComparison.Ordinal);
        Assert.Equal("paas-".Length + 43, made.Length);
        Assert.Equal(made, data.LoadOrCreateToken(null));
        Assert.Equal(OwnersFile, File.GetUnixFileMode(data.TokenPath));
    }

    [Fact]
    public void A_given_token_replaces_the_stored_one()
    {
        using var data = DataDirectory.Open(DataPath);
        data.LoadOrCreateToken(null);

        Assert.Equal("sixteen-or-more!", data.LoadOrCreateToken("sixteen-or-more!"));

        Assert.Equal("sixteen-or-more!", data.LoadOrCreateToken(null));
        Assert.Equal(OwnersFile, File.GetUnixFileMode(data.TokenPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fifteen-letters")]
    [InlineData("sixteen or more!")]
    [InlineData("sixteen-or-more!\n")]
    [InlineData("sixteen-or-möre!")]
    [InlineData("sixteen-or-more!\u007f")]
    public void A_token_that_is_short_or_does_not_fit_in_a_header_is_refused_without_being_repeated(string token)
    {
        using var data = DataDirectory.Open(DataPath);
        var stored = data.LoadOrCreateToken(null);

        var refusal = Assert.Throws<FormatException>(() => data.LoadOrCreateToken(token));

        Assert.True(token.Length == 0 || !refusal.Message.Contains(token, StringComparison.Ordinal));
        Assert.Equal(stored, data.LoadOrCreateToken(null));
    }

    internal static async Task ShellAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments))!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
