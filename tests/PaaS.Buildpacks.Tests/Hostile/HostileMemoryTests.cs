using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Archives that want memory. They are unpacked by a process that ends with an error when its heap grows over 64 MiB.</summary>
public sealed class HostileMemoryTests : IDisposable
{
    private static readonly bool s_full = Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";
    private readonly TempDirectory _temp = new();

    /// <summary>How many entries are too many here: the default of the limits, or fewer, since each has to be written and removed.</summary>
    private static int Limit => s_full ? SourceLimits.Default.Entries : 10_000;

    /// <summary>How many bytes are too many: several times what the process may hold.</summary>
    private static long Bytes => s_full ? SourceLimits.Default.TotalBytes : 256L << 20;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Many_entries_are_refused_without_being_remembered()
    {
        var message = await RefusedAsync("many.tar.gz", Tar(s_full ? 1_000_000 : Limit + 1000, static i => $"d{i / 1000}/file-{i}"));

        Assert.Contains("entries", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_names_are_not_remembered()
    {
        var parent = string.Join('/', Enumerable.Repeat(new string('p', 240), 15));

        Assert.Contains("more than", await RefusedAsync("long.tar.gz", Tar(Limit + 1000, i => $"{parent}/{i}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_zeros_is_refused_while_it_unpacks()
    {
        var size = s_full ? 8L << 30 : Bytes + (16L << 20);

        Assert.Contains("bytes", await RefusedAsync("zeros.tar.gz", async output =>
        {
            await using var gzip = new GZipStream(output, CompressionLevel.Fastest);
            await gzip.WriteAsync(new TarBuilder().Entry('0', "zeros", size: Math.Min(size, Bytes - 4096)).Tar(ended: false).ToArray());
            await ZerosAsync(gzip, size);
        }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_extension_headers_are_not_remembered()
    {
        var message = await RefusedAsync("extensions.tar.gz", async output =>
        {
            await using var gzip = new GZipStream(output, CompressionLevel.Fastest);
            var header = new TarBuilder().Entry('L', "././@LongLink", content: new byte[60_000]).Tar(ended: false).ToArray();
            for (var written = 0L; written < Bytes + (76L << 20); written += header.Length)
            {
                await gzip.WriteAsync(header);
            }
        });

        Assert.Contains("bytes", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_directory_of_a_zip_is_not_remembered()
    {
        var message = await RefusedAsync("many.zip", output =>
        {
            var zip = new ZipBuilder();
            var name = Encoding.ASCII.GetBytes(new string('n', 200));
            for (var i = 0; i < 60_000; i++)
            {
                zip.Entry([.. name, .. Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture))], []);
            }

            return zip.Zip().CopyToAsync(output);
        }, 10_000);

        Assert.Contains("entries", message, StringComparison.Ordinal);
    }

    private static Func<Stream, Task> Tar(int entries, Func<int, string> name) => async output =>
    {
        await using var gzip = new GZipStream(output, CompressionLevel.Fastest);
        for (var i = 0; i < entries; i++)
        {
            var path = name(i);
            var tar = new TarBuilder();
            await gzip.WriteAsync((path.Length > 100 ? tar.Entry('L', "././@LongLink", content: Encoding.UTF8.GetBytes(path)) : tar).File(path, string.Empty).Tar(ended: false).ToArray());
        }

        await gzip.WriteAsync(new byte[1024]);
    };

    private static async Task ZerosAsync(Stream stream, long count)
    {
        var zeros = new byte[1 << 20];
        for (; count > 0; count -= zeros.Length)
        {
            await stream.WriteAsync(zeros);
        }
    }

    private async Task<string> RefusedAsync(string name, Func<Stream, Task> write, int? limit = null)
    {
        await using (var file = File.Create(_temp[name]))
        {
            await write(file);
        }

        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "extract", _temp[name], _temp["app"], (limit ?? Limit).ToString(CultureInfo.InvariantCulture), Bytes.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = "4000000", ["DOTNET_gcServer"] = "0" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var message = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == Program.Refused, $"Exit code {process.ExitCode}: {message}{await errors}");
        Assert.False(Directory.Exists(_temp["app"]));
        return message;
    }
}
