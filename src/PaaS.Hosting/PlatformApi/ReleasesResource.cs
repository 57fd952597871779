using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

internal sealed record RollbackBody(string? Release);

internal sealed record IdReference(Guid Id);

internal sealed record ReleaseBody(
    Guid Id,
    int Version,
    string Status,
    bool Current,
    string Description,
    UserReference User,
    AppReference App,
    IdReference? Slug,
    bool EligibleForRollback,
    string[] AddonPlanNames,
    string? OutputStreamUrl,
    string? FailureMessage,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary><c>/apps/{app}/releases</c>: list, info, rollback.</summary>
internal sealed class ReleasesResource(Platform platform, StreamTickets tickets, ApiAddresses addresses)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/releases", ListAsync);
        routes.Get("/apps/{app}/releases/{release}", InfoAsync);
        routes.Post("/apps/{app}/releases", RollbackAsync);
    }

    private async Task ListAsync(ApiRequest request)
    {
        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        await ApiRange.WriteAsync(
            request, app.Releases, "version", release => release.Version.Number.ToString("D9", CultureInfo.InvariantCulture), releases => [.. releases.Select(release => BodyOf(request, app, release))], ApiJson.Readable.ReleaseBodyArray);
    }

    private async Task InfoAsync(ApiRequest request)
    {
        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        if (Find(app, request.Route("release")) is not { } release)
        {
            await ApiError.NotFound("Couldn't find that release.", "release").WriteAsync(request.Context);
            return;
        }

        await request.WriteAsync(BodyOf(request, app, release), ApiJson.Readable.ReleaseBody);
    }

    private async Task RollbackAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.RollbackBody) is not { } body)
        {
            return;
        }

        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        if (body.Release is null || Find(app, body.Release) is not { } target)
        {
            await ApiError.NotFound("Couldn't find that release. Send {\"release\": \"<id or version>\"}.", "release").WriteAsync(request.Context);
            return;
        }

        var outcome = await platform.RollbackAsync(request.Actor, request.Route("app"), target.Version);
        if (!outcome.TryGet(out var made, out refusal))
        {
            await request.WriteAsync(refusal, "release");
            return;
        }

        await request.WriteAsync(BodyOf(request, app, made), ApiJson.Readable.ReleaseBody, StatusCodes.Status201Created);
    }

    private static Release? Find(App app, string versionOrId) =>
        Guid.TryParseExact(versionOrId, "D", out var id) ? app.Releases.Find(release => release.Id == id)
        : versionOrId == "current" ? app.Current
        : ReleaseVersion.TryParse(versionOrId, null, out var version) ? app.Find(version)
        : null;

    /// <summary>Where what the release command prints can be read; null if there is none, or it is not the actor's to read.</summary>
    private string? OutputUrl(ApiRequest request, Release release)
    {
        if (!platform.HasReleaseOutput(request.Actor, release))
        {
            return null;
        }

        var (actor, app, version) = (request.Actor, release.App.ToString(), release.Version);
        var view = new StreamView(
            () => platform.OpenReleaseOutput(actor, app, version).TryGet(out var output, out _) ? output : null, new LogTail { After = 0, Follow = true }, BareText: true);
        return tickets.Issue(view, release.Id.ToString()) is { } secret ? $"{addresses.ApiUrl}/streams/{secret}" : null;
    }

    private ReleaseBody BodyOf(ApiRequest request, App app, Release release) => new(
        release.Id,
        release.Version.Number,
        release.Status switch
        {
            ReleaseStatus.Pending => "pending",
            ReleaseStatus.Succeeded => "succeeded",
            _ => "failed",
        },
        app.Current?.Version == release.Version,
        release.Description,
        UserReference.Of(release.By),
        AppReference.Of(app),
        release.Slug is { } slug ? new IdReference(SlugReference.IdOf(slug.Id)) : null,
        release.IsEligibleForRollback,
        [],
        OutputUrl(request, release),
        release.Failure,
        release.CreatedAt,
        release.UpdatedAt);
}

/// <summary>The API names slugs by UUIDs, the store by digests: the UUID is made of the digest's first half.</summary>
internal static class SlugReference
{
    public static Guid IdOf(SlugId slug) => Guid.ParseExact(slug.Hex[..32], "N");
}
