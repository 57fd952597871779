using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting.Tests;

/// <summary>The guard against a real server on loopback, which the allow-list opens or not.</summary>
public sealed class OutboundGuardTests : IAsyncLifetime
{
    private static readonly OutboundLimits s_limits = new(1_000_000, TimeSpan.FromSeconds(20));

    private readonly List<string> _served = [];
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _server = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync();
        _port = new Uri(_server.Urls.Single()).Port;
    }

    public async Task DisposeAsync()
    {
        _hanging.TrySetResult();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_the_operator_allows_is_fetched_bare_of_cookies_and_credentials()
    {
        using var guard = Guard(allowed: "127.0.0.1");

        Assert.Equal("cookie= authorization= host=127.0.0.1", await TextAsync(guard, $"http://127.0.0.1:{_port}/set-cookie"));
        Assert.Equal("cookie= authorization= host=127.0.0.1", await TextAsync(guard, $"http://127.0.0.1:{_port}/set-cookie"));
    }

    [Fact]
    public async Task A_name_is_connected_to_the_address_that_was_checked_and_is_looked_up_once()
    {
        var lookups = 0;
        using var guard = Guard("127.0.0.0/8", (_, _) => Task.FromResult<IPAddress[]>(++lookups == 1 ? [IPAddress.Loopback] : throw new InvalidOperationException("looked up twice")));

        Assert.Contains("host=files.example", await TextAsync(guard, $"http://files.example:{_port}/"), StringComparison.Ordinal);
        Assert.Equal(1, lookups);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1%2")]
    [InlineData("169.254.169.254")]
    public async Task A_name_with_one_forbidden_address_is_refused_before_anything_is_sent(params string[] addresses)
    {
        using var guard = Guard(allowed: null, (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()));

        var refusal = await FailureAsync(guard, $"http://rebind.example:{_port}/");

        Assert.Equal(OutboundFailure.Refused, refusal.Failure);
        Assert.DoesNotContain(addresses[^1], refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_served);
    }

    [Fact]
    public async Task A_name_that_changes_its_address_between_two_fetches_is_checked_again()
    {
        var answers = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]);
        using var guard = Guard("127.0.0.1", (_, _) => Task.FromResult<IPAddress[]>([answers.Dequeue()]));

        await TextAsync(guard, $"http://rebind.example:{_port}/first");
        var refusal = await FailureAsync(guard, $"http://rebind.example:{_port}/second");

        Assert.Equal(OutboundFailure.Refused, refusal.Failure);
        Assert.Equal(["/first"], _served);
    }

    [Theory]
    [InlineData("files.example", "files.example", true)]
    [InlineData("files.example", "FILES.example.", true)]
    [InlineData("files.example", "evil-files.example", false)]
    [InlineData("*.corp.example", "a.b.corp.example", true)]
    [InlineData("*.corp.example", "corp.example", false)]
    [InlineData("*.corp.example", "evilcorp.example", false)]
    public async Task A_host_name_that_the_operator_allows_may_lead_anywhere(string allowed, string host, bool taken)
    {
        using var guard = Guard(allowed, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        var failure = await Record.ExceptionAsync(() => TextAsync(guard, $"http://{host}:{_port}/"));

        Assert.Equal(taken ? null : OutboundFailure.Refused, (failure as OutboundException)?.Failure);
        Assert.Equal(taken ? 1 : 0, _served.Count);
    }

    [Fact]
    public async Task Redirects_are_followed_where_they_are_allowed()
    {
        using var guard = Guard("127.0.0.1");

        await TextAsync(guard, $"http://127.0.0.1:{_port}/redirect?to=/redirect%3Fto%3D/end");

        Assert.Equal(["/redirect", "/redirect", "/end"], _served);
    }

    [Theory]
    [InlineData("http://127.0.0.2:{0}/end")]
    [InlineData("http://[::1]:{0}/end")]
    [InlineData("http://0x7f000002:{0}/end")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://inside.example:{0}/end")]
    [InlineData("//127.0.0.2:{0}/end")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1:{0}/1")]
    [InlineData("http://user:password@127.0.0.1:{0}/end")]
    public async Task A_redirect_to_a_forbidden_place_is_refused(string target)
    {
        using var guard = Guard("127.0.0.1", (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.3")]));
        var to = Uri.EscapeDataString(target.Replace("{0}", $"{_port}", StringComparison.Ordinal));

        var refusal = await FailureAsync(guard, $"http://127.0.0.1:{_port}/redirect?to={to}");

        Assert.Equal(OutboundFailure.Refused, refusal.Failure);
        Assert.Equal(["/redirect"], _served);
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        using var guard = Guard("127.0.0.1");

        var failure = await FailureAsync(guard, $"http://127.0.0.1:{_port}/circle");

        Assert.Equal(OutboundFailure.BadAnswer, failure.Failure);
        Assert.Equal(6, _served.Count);
    }

    [Theory]
    [InlineData("/status?code=404")]
    [InlineData("/status?code=500")]
    [InlineData("/status?code=302")]
    [InlineData("/status?code=304")]
    public async Task An_answer_that_is_no_success_fails_and_its_text_is_not_shown(string path)
    {
        using var guard = Guard("127.0.0.1");

        var failure = await FailureAsync(guard, $"http://127.0.0.1:{_port}{path}");

        Assert.Equal(OutboundFailure.BadAnswer, failure.Failure);
        Assert.DoesNotContain("internal secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sized?bytes=1001")]
    [InlineData("/unsized?bytes=1001")]
    [InlineData("/unsized?bytes=5000000")]
    public async Task A_body_over_the_limit_is_cut_off(string path)
    {
        using var guard = Guard("127.0.0.1");

        var failure = await FailureAsync(guard, $"http://127.0.0.1:{_port}{path}", s_limits with { MaximumBytes = 1000 });

        Assert.Equal(OutboundFailure.TooLarge, failure.Failure);
    }

    [Theory]
    [InlineData("/sized?bytes=1000")]
    [InlineData("/unsized?bytes=1000")]
    public async Task A_body_of_just_the_limit_is_taken(string path)
    {
        using var guard = Guard("127.0.0.1");

        Assert.Equal(1000, (await TextAsync(guard, $"http://127.0.0.1:{_port}{path}", s_limits with { MaximumBytes = 1000 })).Length);
    }

    [Theory]
    [InlineData("/hang")]
    [InlineData("/hang-in-body")]
    public async Task A_server_that_hangs_is_left_at_the_time_limit(string path)
    {
        using var guard = Guard("127.0.0.1");

        var failure = await FailureAsync(guard, $"http://127.0.0.1:{_port}{path}", s_limits with { Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(OutboundFailure.TimedOut, failure.Failure);
    }

    [Fact]
    public async Task Cancelling_is_the_callers_and_no_failure_of_the_fetch()
    {
        using var guard = Guard("127.0.0.1");
        using var cancellation = new CancellationTokenSource();
        var body = await guard.FetchAsync(new Uri($"http://127.0.0.1:{_port}/hang-in-body"), s_limits, cancellation.Token);
        var reading = body.CopyToAsync(Stream.Null);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await body.DisposeAsync();
    }

    [Fact]
    public async Task A_host_that_nobody_knows_or_that_does_not_answer_is_unreachable()
    {
        using var unknown = Guard("127.0.0.1", (_, _) => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));
        using var silent = Guard("127.0.0.1");

        Assert.Equal(OutboundFailure.Unreachable, (await FailureAsync(unknown, "http://nowhere.example/")).Failure);
        Assert.Equal(OutboundFailure.Unreachable, (await FailureAsync(silent, $"https://127.0.0.1:{_port}/")).Failure);
    }

    private static OutboundGuard Guard(string? allowed, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new OutboundOptions { AllowHttp = true };
        if (allowed is not null)
        {
            options.Allowed.Add(allowed);
        }

        return new OutboundGuard(options, TimeProvider.System, resolve ?? ((host, _) => throw new InvalidOperationException($"'{host}' was looked up.")));
    }

    private static async Task<string> TextAsync(OutboundGuard guard, string url, OutboundLimits? limits = null)
    {
        await using var body = await guard.FetchAsync(guard.Check(url), limits ?? s_limits, CancellationToken.None);
        using var reader = new StreamReader(body);
        return await reader.ReadToEndAsync();
    }

    private static Task<OutboundException> FailureAsync(OutboundGuard guard, string url, OutboundLimits? limits = null) =>
        Assert.ThrowsAsync<OutboundException>(() => TextAsync(guard, url, limits));

    private async Task ServeAsync(HttpContext context)
    {
        lock (_served)
        {
            _served.Add(context.Request.Path);
        }

        var bytes = int.TryParse(context.Request.Query["bytes"], out var count) ? count : 0;
        switch (context.Request.Path.Value)
        {
            case "/redirect":
                context.Response.Redirect(context.Request.Query["to"]!);
                break;
            case "/circle":
                context.Response.Redirect("/circle");
                break;
            case "/status":
                context.Response.StatusCode = int.Parse(context.Request.Query["code"]!, System.Globalization.CultureInfo.InvariantCulture);
                if (context.Response.StatusCode != StatusCodes.Status304NotModified)
                {
                    await context.Response.WriteAsync("internal secret");
                }

                break;
            case "/sized":
                context.Response.ContentLength = bytes;
                await context.Response.Body.WriteAsync(new byte[bytes]);
                break;
            case "/unsized":
                context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
                await context.Response.Body.WriteAsync(new byte[bytes]);
                break;
            case "/hang":
                await _hanging.Task;
                break;
            case "/hang-in-body":
                await context.Response.WriteAsync("first part");
                await context.Response.Body.FlushAsync();
                await _hanging.Task;
                break;
            default:
                context.Response.Cookies.Append("seen", "before");
                await context.Response.WriteAsync($"cookie={context.Request.Headers.Cookie} authorization={context.Request.Headers.Authorization} host={context.Request.Host.Host.TrimEnd('.').ToLowerInvariant()}");
                break;
        }
    }
}
