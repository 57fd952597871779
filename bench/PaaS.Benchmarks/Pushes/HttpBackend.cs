using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Benchmarks;

/// <summary><c>git http-backend</c> behind the least that a CGI server can be.</summary>
/// <param name="root">Holds the repositories.</param>
internal sealed class HttpBackend(string root)
{
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.Map("/{**path}", ServeAsync);

    /// <summary>Makes a bare repository that takes pushes.</summary>
    public void MakeRepository(string name)
    {
        var path = Path.Combine(root, name + ".git");
        foreach (var arguments in new string[][] { ["init", "--quiet", "--bare", "--initial-branch=main", path], ["-C", path, "config", "http.receivepack", "true"] })
        {
            using var process = Process.Start("git", arguments);
            process.WaitForExit();
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in new[]
        {
            ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", root), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_PROJECT_ROOT", root), ("GIT_HTTP_EXPORT_ALL", "1"), ("REMOTE_USER", "any"), ("REMOTE_ADDR", "127.0.0.1"),
            ("PATH_INFO", request.Path.Value), ("QUERY_STRING", request.QueryString.Value?.TrimStart('?')), ("REQUEST_METHOD", request.Method), ("CONTENT_TYPE", request.ContentType),
            ("CONTENT_LENGTH", request.ContentLength?.ToString(CultureInfo.InvariantCulture)), ("HTTP_CONTENT_ENCODING", request.Headers.ContentEncoding.ToString()),
            ("GIT_PROTOCOL", request.Headers["Git-Protocol"].ToString()),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                start.Environment[name] = value;
            }
        }

        using var process = Process.Start(start)!;
        var input = SendAsync(request.Body, process.StandardInput.BaseStream);
        await AnswerAsync(process.StandardOutput.BaseStream, response);
        await input;
        await process.WaitForExitAsync();
    }

    private static async Task SendAsync(Stream body, Stream input)
    {
        await body.CopyToAsync(input);
        await input.DisposeAsync();
    }

    private static async Task AnswerAsync(Stream output, HttpResponse response)
    {
        // The head is small and comes at once.
        var (buffer, length, end) = (new byte[64 * 1024], 0, -1);
        while (end < 0)
        {
            var read = await output.ReadAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("git http-backend ended without an answer.");
            }

            length += read;
            end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        foreach (var line in Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                response.StatusCode = int.Parse(value[..3], CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }

        await response.Body.WriteAsync(buffer.AsMemory(end + 4, length - end - 4));
        await output.CopyToAsync(response.Body);
    }
}
