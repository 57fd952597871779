using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting.Tests;

/// <summary>
/// A host of buildpacks: git's own http-backend and files, behind TLS with a certificate of an authority of its own, for names that lead nowhere
/// but where a test says.
/// </summary>
internal sealed class BuildpackHost : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly string _directory;

    private BuildpackHost(WebApplication server, string directory, X509Certificate2 authority)
    {
        (_server, _directory, Authority) = (server, directory, authority);
        AuthorityFile = Path.Combine(directory, "ca.pem");
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityFile { get; }

    public int Port { get; private set; }

    /// <summary>What was asked for: the host and the path.</summary>
    public List<string> Served { get; } = [];

    /// <summary>Answers a request in place of the host; true if it did.</summary>
    public Func<HttpContext, int, Task<bool>>? Instead { get; set; }

    public static async Task<BuildpackHost> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("paas-buildpack-host-").FullName;
        File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Any, 0, listen => listen.UseHttps(Leaf(authority))));
        var server = builder.Build();
        var host = new BuildpackHost(server, directory, authority);
        server.Run(host.ServeAsync);
        await server.StartAsync();
        host.Port = new Uri(server.Urls.Single()).Port;
        return host;
    }

    /// <summary>Makes a repository of files, a commit for each set; gives the commits.</summary>
    public List<string> Repository(string name, params (string Path, string Content)[][] commits)
    {
        var work = Path.Combine(_directory, "work-" + name);
        Directory.CreateDirectory(work);
        Git(work, "init", "--quiet", "--initial-branch=main");
        var made = new List<string>();
        foreach (var files in commits)
        {
            foreach (var (path, content) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(work, path))!);
                File.WriteAllText(Path.Combine(work, path), content);
            }

            Git(work, "add", "--all");
            Git(work, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message", "x");
            made.Add(Git(work, "rev-parse", "HEAD").Trim());
            Git(work, "tag", $"v{made.Count}");
        }

        Git(_directory, "clone", "--quiet", "--bare", work, name);
        return made;
    }

    /// <summary>Serves a file.</summary>
    public void Put(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_directory, name), content);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        Authority.Dispose();
    }

    private static X509Certificate2 Leaf(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=git.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (string[])["git.example", "git2.example", "rebind.example"])
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private static string Git(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }

    private async Task ServeAsync(HttpContext context)
    {
        int number;
        lock (Served)
        {
            Served.Add($"{context.Request.Host.Host}{context.Request.Path}");
            number = Served.Count;
        }

        if (Instead is { } instead && await instead(context, number))
        {
            return;
        }

        var path = context.Request.Path.Value!;
        if (path.Contains(".git/", StringComparison.Ordinal))
        {
            await BackendAsync(context, path);
        }
        else if (Path.Combine(_directory, path[1..]) is var file && File.Exists(file))
        {
            await context.Response.SendFileAsync(file);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task BackendAsync(HttpContext context, string path)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = _directory;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = path;
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value?.TrimStart('?') ?? "";
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding.ToString();
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"].ToString();
        using var backend = Process.Start(start)!;
        await context.Request.Body.CopyToAsync(backend.StandardInput.BaseStream);
        backend.StandardInput.Close();
        using var answer = new MemoryStream();
        await backend.StandardOutput.BaseStream.CopyToAsync(answer);
        await backend.WaitForExitAsync();
        var bytes = answer.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var header in Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n").Select(static line => line.Split(": ", 2)))
        {
            if (header[0] == "Status")
            {
                context.Response.StatusCode = int.Parse(header[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[header[0]] = header[1];
            }
        }

        await context.Response.Body.WriteAsync(bytes.AsMemory(end + 4));
    }
}
