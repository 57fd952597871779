using System.Net;
using System.Net.Sockets;
using System.Text;
using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class HealthCheckTests
{
    private static readonly TimeSpan Unexpected = TimeSpan.FromSeconds(30);
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void A_dyno_that_is_not_well_fails_the_swap_and_is_killed_as_at_R10()
    {
        var deploy = _world.Deploy(Release(1), Formation(web: 1));
        var dyno = _world.Newest("web.1");
        _world.Started(dyno);

        _world.Unhealthy(dyno);
        Assert.Equal(ProcessSignal.Kill, dyno.Signal);
        _world.Settle();

        Assert.Equal("web.1 listens, but GET /health answered 500 (3 attempts)", _world.Verdicts[deploy].Reason);
        Assert.Equal(
            [
                "web.1: Starting process with command `run web v1`",
                "web.1: web.1 listens, but GET /health answered 500 (3 attempts)",
                "web.1: Stopping process with SIGKILL",
                "web.1: Process exited with status 137",
                "web.1: State changed from starting to crashed",
            ],
            _world.Lines);
    }

    [Fact]
    public void A_dyno_that_listens_but_is_asked_until_its_time_is_over_is_told_so()
    {
        var release = Release(1);
        var check = new HealthCheck("/health", 100, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var deploy = _world.Deploy(release with { Slug = release.Slug with { Manifest = Manifest(check) } }, Formation(web: 1));
        var dyno = _world.Newest("web.1");
        _world.Started(dyno);

        _world.Advance(TimeSpan.FromSeconds(60), dyno.Port);
        _world.Exit(dyno, 137);

        Assert.Equal("web.1 listens, but GET /health was not answered as it should be within 60 seconds of launch (R10)", _world.Verdicts[deploy].Reason);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", null, true, "answered 200")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", null, true, "answered 302")]
    [InlineData("HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n", null, false, "answered 500")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", true, "answered 200")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", "ok", false, "answered 200 without 'ok' in its first 64 KiB")]
    [InlineData("gibberish\r\n\r\n", null, false, "failed: ")]
    public async Task An_answer_is_judged_by_its_status_and_its_text(string answer, string? content, bool isHealthy, string description)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener, answer);

        var result = await AskAsync((IPEndPoint)listener.LocalEndpoint, TimeSpan.FromSeconds(20), content);

        Assert.Equal(isHealthy, result.IsHealthy);
        Assert.StartsWith(description, result.Description, StringComparison.Ordinal);
        var request = await served.WaitAsync(Unexpected);
        Assert.StartsWith("GET /health?deep=1 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Host: hello.example.com\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_never_ends_is_read_no_further_than_its_limit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener, "HTTP/1.1 200 OK\r\n\r\n" + new string('x', 100_000), staysOpen: true);

        var result = await AskAsync((IPEndPoint)listener.LocalEndpoint, TimeSpan.FromSeconds(20), "y");

        Assert.False(result.IsHealthy);
        await served.WaitAsync(Unexpected);
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_or_does_not_listen_is_not_well()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        Assert.Equal(new HealthAnswer(false, "was not answered within 0.05 seconds"), await AskAsync(address, TimeSpan.FromMilliseconds(50), null));
        listener.Stop();

        var refused = await AskAsync(address, TimeSpan.FromSeconds(20), null);

        Assert.False(refused.IsHealthy);
        Assert.StartsWith("failed: ", refused.Description, StringComparison.Ordinal);
    }

    internal static AppManifest Manifest(HealthCheck check) => new() { HealthChecks = AppManifest.Empty.HealthChecks.Add(ProcessType.Web, check) };

    private static async Task<HealthAnswer> AskAsync(IPEndPoint address, TimeSpan timeout, string? content) =>
        await new HttpHealthProbe(TimeProvider.System).AskAsync(address, "hello.example.com", new HealthCheck("/health?deep=1", 1, timeout, TimeSpan.Zero, content)).AsTask().WaitAsync(Unexpected);

    /// <summary>Answers one request; gives its head.</summary>
    private static async Task<string> ServeAsync(TcpListener listener, string answer, bool staysOpen = false)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        var buffer = new byte[4096];
        var head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is var count and > 0)
        {
            head += Encoding.ASCII.GetString(buffer, 0, count);
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            while (staysOpen && await stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The client had read enough.
        }

        return head;
    }
}
