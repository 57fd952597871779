using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting.Tests;

[SupportedOSPlatform("linux")]
public sealed class FileSecretBoxTests : IDisposable
{
    private const string Secret = "postgres://user:hunter2@db/app";

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("paas-keys-");
    private readonly DataDirectory _data;
    private readonly AppId _app = AppId.New();

    public FileSecretBoxTests() => _data = DataDirectory.Open(Path.Combine(_parent.FullName, "data"));

    private static byte[] Plain => Encoding.UTF8.GetBytes(Secret);

    public void Dispose()
    {
        _data.Dispose();
        _parent.Delete(recursive: true);
    }

    [Fact]
    public void What_was_sealed_is_opened_also_by_the_next_host()
    {
        var box = FileSecretBox.Open(_data);
        var first = box.Seal(_app, Plain);
        var second = box.Seal(_app, Plain);

        Assert.Equal(Plain, box.Open(_app, first));
        Assert.Equal(Plain, FileSecretBox.Open(_data).Open(_app, second));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Keys_are_files_of_their_owner_only_and_no_app_key_stands_in_plain()
    {
        var box = FileSecretBox.Open(_data);
        box.Seal(_app, Plain);

        var files = new[] { _data.HostKeyPath }.Concat(Directory.EnumerateFiles(_data.KeysDirectory)).ToList();

        Assert.Equal(2, files.Count);
        Assert.Equal(32, new FileInfo(_data.HostKeyPath).Length);
        Assert.Equal(12 + 16 + 32, new FileInfo(files[1]).Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_value_of_one_app_cannot_be_opened_for_another()
    {
        var box = FileSecretBox.Open(_data);
        var other = AppId.New();
        box.Seal(other, Plain);

        Assert.ThrowsAny<CryptographicException>(() => box.Open(other, box.Seal(_app, Plain)));
    }

    [Fact]
    public void A_key_file_put_in_place_of_another_apps_opens_nothing()
    {
        var other = AppId.New();
        var box = FileSecretBox.Open(_data);
        var stolen = box.Seal(_app, Plain);
        box.Seal(other, Plain);
        File.Copy(Path.Combine(_data.KeysDirectory, $"{_app}.key"), Path.Combine(_data.KeysDirectory, $"{other}.key"), overwrite: true);

        var damage = Assert.ThrowsAny<CryptographicException>(() => FileSecretBox.Open(_data).Open(other, stolen));

        Assert.Contains($"{other}.key", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forgotten_key_takes_every_value_with_it_for_good()
    {
        var box = FileSecretBox.Open(_data);
        var value = box.Seal(_app, Plain);

        box.Forget(_app);
        box.Forget(_app);

        Assert.Null(box.Open(_app, value));
        Assert.Null(FileSecretBox.Open(_data).Open(_app, value));
        Assert.Empty(Directory.EnumerateFiles(_data.KeysDirectory));
        box.Seal(_app, Plain);
        Assert.ThrowsAny<CryptographicException>(() => box.Open(_app, value));
    }

    [Fact]
    public async Task Many_threads_that_seal_for_a_new_app_share_one_key()
    {
        var box = FileSecretBox.Open(_data);

        var values = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => box.Seal(_app, Plain))));

        var next = FileSecretBox.Open(_data);
        Assert.All(values, value => Assert.Equal(Plain, next.Open(_app, value)));
    }

    [Fact]
    public void A_missing_host_key_is_refused_when_apps_have_keys_and_no_new_one_is_made()
    {
        FileSecretBox.Open(_data).Seal(_app, Plain);
        File.Delete(_data.HostKeyPath);

        var refusal = Assert.Throws<DataDirectoryException>(() => FileSecretBox.Open(_data));

        Assert.Contains(_data.HostKeyPath, refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_data.HostKeyPath));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(31, "31 bytes")]
    [InlineData(32, "another one")]
    public void A_host_key_that_is_damaged_or_another_one_is_refused(int length, string reason)
    {
        FileSecretBox.Open(_data).Seal(_app, Plain);
        File.WriteAllBytes(_data.HostKeyPath, new byte[length]);

        Assert.Contains(reason, Assert.Throws<DataDirectoryException>(() => FileSecretBox.Open(_data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_crash_left_of_a_key_in_the_making_does_not_matter()
    {
        File.WriteAllBytes(_data.HostKeyPath + ".incoming", new byte[5]);
        File.WriteAllBytes(Path.Combine(_data.KeysDirectory, $"{_app}.key.incoming"), new byte[7]);

        var box = FileSecretBox.Open(_data);

        Assert.Equal(Plain, box.Open(_app, box.Seal(_app, Plain)));
        Assert.Single(Directory.EnumerateFiles(_data.KeysDirectory));
    }
}
