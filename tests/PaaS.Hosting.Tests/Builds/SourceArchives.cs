using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace PaaS.Hosting.Tests;

/// <summary>Sources as people upload them.</summary>
internal static class SourceArchives
{
    /// <summary>A tar.gz with these files.</summary>
    public static byte[] Of(params (string Name, string Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, content) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }
        }

        return bytes.ToArray();
    }
}
