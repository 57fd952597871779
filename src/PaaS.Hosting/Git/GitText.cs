using System.Text;

namespace PaaS.Hosting;

/// <summary>Reads what a process says for a person's eyes.</summary>
internal static class GitText
{
    /// <summary>Reads to the end and keeps the first bytes. A full pipe would stop the process, so the rest is read too.</summary>
    public static async Task<string> ReadStartAsync(Stream stream, int limit = 4096, CancellationToken cancellationToken = default)
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            text.Write(buffer, 0, (int)Math.Min(length, limit - text.Length));
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length).Trim();
    }
}
