using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace PaaS.Benchmarks;

/// <summary>The same program by <c>docker run</c>: the machine's perl, whatever the image.</summary>
internal sealed class DockerServer(string image, string programDirectory)
{
    public async Task<Server> StartAsync()
    {
        var port = DynoWorkbench.FreePort();
        var text = port.ToString(CultureInfo.InvariantCulture);
        var id = await RunAsync(
            "run", "--detach", "--rm", "--publish", $"127.0.0.1:{text}:{text}", "--env", $"PORT={text}", "--volume", "/usr:/usr:ro", "--volume", $"{programDirectory}:/app:ro",
            image, "/usr/bin/perl", "/app/server.pl");
        return new Server(new IPEndPoint(IPAddress.Loopback, port), async () => await RunAsync("rm", "--force", id));
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true })!;
        var output = await docker.StandardOutput.ReadToEndAsync();
        await docker.WaitForExitAsync();
        return docker.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"docker {arguments[0]} failed. Is an engine in reach (DOCKER_HOST), and does it have the image?");
    }
}
