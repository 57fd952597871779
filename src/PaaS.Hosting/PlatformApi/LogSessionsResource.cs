using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

internal sealed record LogSessionCreateBody(string? Dyno, string? Type, string? Source, int? Lines, bool? Tail);

internal sealed record LogSessionBody(Guid Id, string LogplexUrl, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary><c>/apps/{app}/log-sessions</c>: an address under which the log can be read.</summary>
internal sealed class LogSessionsResource(Platform platform, StreamTickets tickets, ApiAddresses addresses, TimeProvider time)
{
    private const int MaxProcessLength = 200;

    public void Map(ApiRoutes routes) => routes.Post("/apps/{app}/log-sessions", CreateAsync);

    private async Task CreateAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.LogSessionCreateBody, new LogSessionCreateBody(null, null, null, null, null)) is not { } body)
        {
            return;
        }

        if (body.Lines is < 0 or > LogStream.DefaultCapacity)
        {
            await ApiError.Invalid($"lines must be 0 to {LogStream.DefaultCapacity}.").WriteAsync(request.Context);
            return;
        }

        if (body.Dyno?.Length > MaxProcessLength || body.Type?.Length > MaxProcessLength)
        {
            await ApiError.Invalid($"dyno and type have at most {MaxProcessLength} characters: a dyno's name such as web.1, or a process type.").WriteAsync(request.Context);
            return;
        }

        LogSource? source = body.Source switch { "app" => LogSource.App, "heroku" => LogSource.Heroku, _ => null };
        if (source is null && body.Source is { Length: > 0 })
        {
            await ApiError.Invalid("source must be app or heroku.").WriteAsync(request.Context);
            return;
        }

        if (!platform.OpenLog(request.Actor, request.Route("app")).TryGet(out var log, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        var tail = new LogTail { Lines = body.Lines ?? 100, Follow = body.Tail ?? false, Source = source, Process = body.Dyno ?? body.Type };
        if (tickets.Issue(StreamView.Of(log, tail, bareText: false)) is not { } secret)
        {
            await new ApiError(StatusCodes.Status429TooManyRequests, "rate_limit", "Too many log sessions are open. Wait a few minutes.").WriteAsync(request.Context);
            return;
        }

        var now = time.GetUtcNow();
        await request.WriteAsync(new LogSessionBody(Guid.NewGuid(), $"{addresses.ApiUrl}/streams/{secret}", now, now), ApiJson.Readable.LogSessionBody, StatusCodes.Status201Created);
    }
}
