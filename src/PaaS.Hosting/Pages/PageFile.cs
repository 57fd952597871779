using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// The last good copy of a page on disk, for a host that starts while the page's own host is down: a line with the hash of the URL (the
/// URL itself is a config var, and those stand nowhere in plain text) and the type, then the page.
/// </summary>
internal sealed class PageFile(string path)
{
    private const int MaxLineLength = 512;

    /// <summary>The copy of what this URL led to; null if there is none.</summary>
    public RoutePage? Read(string url)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > MaxLineLength + PageSource.MaxBytes)
        {
            return null;
        }

        var content = File.ReadAllBytes(path);
        var end = content.AsSpan().IndexOf((byte)'\n');
        return end > 0 && Encoding.ASCII.GetString(content, 0, end).Split('\t') is [var hash, var type] && hash == HashOf(url) && PageSource.IsContentType(type)
            ? new RoutePage(type, content.AsMemory(end + 1))
            : null;
    }

    public void Write(string url, RoutePage page)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, [.. Encoding.ASCII.GetBytes($"{HashOf(url)}\t{page.ContentType}\n"), .. page.Body.Span]);
    }

    public void Delete()
    {
        if (File.Exists(path))
        {
            DurableFile.Delete(path);
        }
    }

    private static string HashOf(string url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));
}
