using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// git over HTTP, the smart protocol only: each request is one process of the real git. Disposing it refuses the pushes
/// that wait and returns when all have ended.
/// </summary>
internal sealed partial class GitHttp : IAsyncDisposable
{
    // What git sends beside the pack: the refs, with room for many.
    private const long CommandBytes = 16 << 20;

    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _running = [];
    private readonly GitRepositories _repositories;
    private readonly IGitGate _gate;
    private readonly IPushReceiver _receiver;
    private readonly GitLimits _limits;
    private readonly GitTraffic _traffic;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _disposed;

    public GitHttp(GitRepositories repositories, IGitGate gate, IPushReceiver receiver, ILoggerFactory loggers, GitLimits? limits = null, TimeProvider? time = null)
    {
        (_repositories, _gate, _receiver, _limits, _time) = (repositories, gate, receiver, limits ?? new GitLimits(), time ?? TimeProvider.System);
        _traffic = new GitTraffic(_limits.RequestsPerApp);
        _logger = loggers.CreateLogger<GitHttp>();
    }

    /// <summary>Maps <c>/APP.git/...</c>.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/{app}.git/info/refs", context => TrackAsync(() => AdvertiseAsync(context)));
        endpoints.MapPost("/{app}.git/git-receive-pack", context => TrackAsync(() => ServeAsync(context, GitService.Receive)));
        endpoints.MapPost("/{app}.git/git-upload-pack", context => TrackAsync(() => ServeAsync(context, GitService.Upload)));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
    }

    private async Task TrackAsync(Func<Task> serve)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_running)
        {
            _running.Add(ended.Task);
        }

        try
        {
            await serve();
        }
        finally
        {
            lock (_running)
            {
                _running.Remove(ended.Task);
            }

            ended.SetResult();
        }
    }

    private async Task AdvertiseAsync(HttpContext context)
    {
        var service = GitService.Find(context.Request.Query["service"]);
        if (await EnterAsync(context, service?.Writes ?? false) is not { } visit)
        {
            return;
        }

        using (visit.Place)
        {
            if (service is null)
            {
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "Only git's smart protocol is spoken here. Use git 1.6.6 or newer.");
                return;
            }

            var repository = await _repositories.EnsureAsync(visit.Access.App, context.RequestAborted);
            var protocol = Protocol(context, service);
            await using var process = await _repositories.Git.StartAsync(repository, service.Command(repository, advertise: true), protocol, cancellationToken: context.RequestAborted);
            using var limit = Limit(process, _limits.FetchTime);
            await using var left = EndWith(process, context.RequestAborted);
            await using var stopped = EndWith(process, _stopping.Token);
            var exchange = new GitExchange(context, process, service.AdvertisementType);
            NoCache(context);

            // Version 2 begins with its own greeting.
            byte[] preamble = protocol.ContainsValue("version=2") ? [] : [.. Packet($"# service={service.Name}\n"), .. "0000"u8];
            await FinishAsync(context, visit, service, exchange, exchange.RunAsync(null, 0, preamble, TimeSpan.Zero, _time, _stopping.Token));
        }
    }

    private async Task ServeAsync(HttpContext context, GitService service)
    {
        if (await EnterAsync(context, service.Writes) is not { } visit)
        {
            return;
        }

        using (visit.Place)
        {
            if (!string.Equals(context.Request.ContentType, service.RequestType, StringComparison.OrdinalIgnoreCase))
            {
                await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, $"Send {service.RequestType}.");
                return;
            }

            if (Body(context) is not { } body)
            {
                await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send the request as it is or with Content-Encoding: gzip.");
                return;
            }

            NoCache(context);
            await (service.Writes ? ReceiveAsync(context, visit, body) : UploadAsync(context, visit, body));
        }
    }

    private async Task UploadAsync(HttpContext context, GitVisit visit, Stream body)
    {
        var service = GitService.Upload;
        var repository = await _repositories.EnsureAsync(visit.Access.App, context.RequestAborted);
        await using var process = await _repositories.Git.StartAsync(repository, service.Command(repository, advertise: false), Protocol(context, service), redirectInput: true, context.RequestAborted);
        using var limit = Limit(process, _limits.FetchTime);
        await using var left = EndWith(process, context.RequestAborted);
        await using var stopped = EndWith(process, _stopping.Token);
        var exchange = new GitExchange(context, process, service.ResultType);
        await FinishAsync(context, visit, service, exchange, exchange.RunAsync(body, _limits.FetchRequestBytes, default, TimeSpan.Zero, _time, _stopping.Token));
    }

    private async Task ReceiveAsync(HttpContext context, GitVisit visit, Stream body)
    {
        var service = GitService.Receive;
        var repository = await _repositories.EnsureAsync(visit.Access.App, context.RequestAborted);
        await using var channel = HookChannel.Open(_repositories.PushesDirectory);
        var environment = Protocol(context, service);
        environment[GitHook.DirectoryVariable] = channel.Path;
        await using var process = await _repositories.Git.StartAsync(repository, service.Command(repository, advertise: false), environment, redirectInput: true, context.RequestAborted);
        using var limit = Limit(process, _limits.ReceiveTime);

        // While the client still sends, the host's end is git's end too; once the hook has asked, it gets an answer.
        await using var stopped = EndWith(process, _stopping.Token);
        using var session = new PushSession(_repositories, _receiver, visit.Access, visit.Place.Traffic, _logger);
        var exchange = new GitExchange(context, process, service.ResultType);

        // Past the largest pack it is git that refuses; beyond twice that nothing is read any more.
        var answer = FinishAsync(
            context, visit, service, exchange, exchange.RunAsync(body, (2 * _repositories.MaxPushBytes) + CommandBytes, default, _limits.DrainTime, _time, _stopping.Token));
        try
        {
            await ConverseAsync(session, channel, process, () =>
            {
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
                stopped.Unregister();
            });
            await session.LandAsync(CancellationToken.None);
        }
        finally
        {
            // The next push need not wait until this one's client has read everything.
            session.Dispose();
            await answer;
        }
    }

    /// <summary>Answers the hook, and returns when git has ended.</summary>
    private async Task ConverseAsync(PushSession session, HookChannel channel, ProcessHandle process, Action asked)
    {
        using var ended = new CancellationTokenSource();
        var conversation = session.RunAsync(channel, asked, ended.Token, _stopping.Token);
        try
        {
            // A conversation that fails has lost its hook, and git would wait for ever.
            if (await Task.WhenAny(process.Exited, conversation) == conversation && conversation.IsFaulted)
            {
                process.SignalAll(ProcessSignal.Terminate);
            }

            await process.Exited;
        }
        finally
        {
            await ended.CancelAsync();
            await conversation;
        }
    }

    private async Task<GitVisit?> EnterAsync(HttpContext context, bool write)
    {
        var name = context.Request.RouteValues["app"] as string ?? string.Empty;
        if (await _gate.AuthenticateAsync(context, name, write, context.RequestAborted) is not { } access)
        {
            return null;
        }

        if (_stopping.IsCancellationRequested)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The platform is stopping. Try again when it is back.");
            return null;
        }

        if (_traffic.TryEnter(access.App) is not { } place)
        {
            context.Response.Headers.RetryAfter = "10";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"{access.AppName} has {_limits.RequestsPerApp} git requests under way, and more are not taken at once. Try again when a push or fetch has ended.");
            return null;
        }

        return new GitVisit(access, place);
    }

    /// <summary>Ends the answer as soon as git has: a push may go on without it.</summary>
    private async Task FinishAsync(HttpContext context, GitVisit visit, GitService service, GitExchange exchange, Task<ProcessExit> end)
    {
        var exit = await end;
        visit.Place.Dispose();
        if (!exit.Succeeded)
        {
            Log.Ended(_logger, service.Name, visit.Access.AppName, exit.Status, exchange.Error);
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (!context.Response.HasStarted && !exit.Succeeded)
        {
            await (exchange.TooLarge
                ? RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "The request is larger than any that git would send here.")
                : RefuseAsync(context, StatusCodes.Status400BadRequest, "git could not read this request."));
        }

        await context.Response.CompleteAsync();
    }

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        // As text/plain, git shows it to its user.
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }

    private CancellationTokenSource Limit(ProcessHandle process, TimeSpan time)
    {
        var limit = new CancellationTokenSource(time, _time);

        // Asked to end, git removes what it has received so far.
        limit.Token.UnsafeRegister(static state => ((ProcessHandle)state!).SignalAll(ProcessSignal.Terminate), process);
        return limit;
    }

    private static CancellationTokenRegistration EndWith(ProcessHandle process, CancellationToken reason) =>
        reason.UnsafeRegister(static state => ((ProcessHandle)state!).SignalAll(ProcessSignal.Terminate), process);

    private static Dictionary<string, string> Protocol(HttpContext context, GitService service)
    {
        var asked = context.Request.Headers["Git-Protocol"].ToString();

        // Pushes have no version 2; git itself would fall back to 0.
        return KnownProtocol().IsMatch(asked) && !(service.Writes && asked == "version=2") ? new() { ["GIT_PROTOCOL"] = asked } : [];
    }

    private static Stream? Body(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // git has its own limit, with a message that git's user sees.
            size.MaxRequestBodySize = null;
        }

        return context.Request.Headers.ContentEncoding.ToString() switch
        {
            "" or "identity" => context.Request.Body,
            "gzip" or "x-gzip" => new GZipStream(context.Request.Body, CompressionMode.Decompress),
            _ => null,
        };
    }

    private static void NoCache(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
        context.Response.Headers.Pragma = "no-cache";
        context.Response.Headers.Expires = "Fri, 01 Jan 1980 00:00:00 GMT";
    }

    private static byte[] Packet(string text) => Encoding.ASCII.GetBytes($"{text.Length + 4:x4}{text}");

    [GeneratedRegex("^version=[012]\\z")]
    private static partial Regex KnownProtocol();

    /// <summary>A request that is let in.</summary>
    private sealed record GitVisit(GitAccess Access, AppTraffic.Place Place);

    private static partial class Log
    {
        [LoggerMessage(165, LogLevel.Information, "{Service} of {App} ended with status {Status}: {Error}")]
        public static partial void Ended(ILogger logger, string service, AppName app, int status, string error);
    }
}
