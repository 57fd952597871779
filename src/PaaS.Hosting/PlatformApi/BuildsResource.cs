using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

internal sealed record BuildBody(
    Guid Id,
    AppReference App,
    string Status,
    string State,
    string OutputStreamUrl,
    BuildpackReferenceBody[] Buildpacks,
    IdReference? Slug,
    IdReference? Release,
    BuildSourceBlobBody SourceBlob,
    string Stack,
    UserReference User,
    string? FailureMessage,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary><c>/apps/{app}/builds</c>: list, info, cancel; and the purge of the build cache. As the CLI's plugin heroku-builds asks for them.</summary>
internal sealed class BuildsResource(Platform platform, StreamTickets tickets, ApiAddresses addresses)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/builds", ListAsync);
        routes.Get("/apps/{app}/builds/{build}", InfoAsync);
        routes.Delete("/apps/{app}/builds/{build}", CancelAsync);
        routes.Delete("/apps/{app}/build-cache", PurgeAsync);
    }

    public BuildBody BodyOf(ApiRequest request, App app, Build build) => new(
        build.Id,
        AppReference.Of(app),
        build.Status switch
        {
            BuildStatus.Queued or BuildStatus.Running => "pending",
            BuildStatus.Succeeded => "succeeded",
            _ => "failed",
        },
        BuildEventCodec.NameOf(build.Status),
        OutputUrl(request, build),
        [.. build.Buildpacks.Select(BuildSettingsResource.BodyOf)],
        build.Slug is { } slug ? new IdReference(SlugReference.IdOf(slug.Id)) : null,
        build.Release is { } version && app.Find(version) is { } release ? new IdReference(release.Id) : null,
        new BuildSourceBlobBody(null, build.Version, null),
        Slug.DefaultStack,
        UserReference.Of(build.By),
        build.Failure,
        build.CreatedAt,
        build.UpdatedAt);

    private async Task ListAsync(ApiRequest request)
    {
        var name = request.Route("app");
        if (!platform.FindApp(request.Actor, name).TryGet(out var app, out var refusal) || !platform.ListBuilds(request.Actor, name).TryGet(out var builds, out refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        List<Build> ordered = [.. builds.OrderBy(KeyOf, StringComparer.Ordinal)];
        await ApiRange.WriteAsync(request, ordered, "created_at", KeyOf, some => [.. some.Select(build => BodyOf(request, app, build))], ApiJson.Readable.BuildBodyArray);
    }

    private Task InfoAsync(ApiRequest request) => AnswerAsync(request, platform.FindBuild(request.Actor, request.Route("app"), IdIn(request)));

    private async Task CancelAsync(ApiRequest request) =>
        await AnswerAsync(request, await platform.CancelBuildAsync(request.Actor, request.Route("app"), IdIn(request), request.Aborted));

    private async Task PurgeAsync(ApiRequest request)
    {
        var outcome = await platform.PurgeBuildCacheAsync(request.Actor, request.Route("app"));
        if (!outcome.TryGet(out _, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        // Heroku answers 202; the plugin stumbles over one without JSON.
        await request.WriteAsync(new EmptyBody(), ApiJson.Readable.EmptyBody, StatusCodes.Status202Accepted);
    }

    private async Task AnswerAsync(ApiRequest request, Outcome<Build> outcome)
    {
        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
        }
        else if (outcome.TryGet(out var build, out refusal))
        {
            await request.WriteAsync(BodyOf(request, app, build), ApiJson.Readable.BuildBody);
        }
        else
        {
            await request.WriteAsync(refusal, "build");
        }
    }

    // What is no id names no build.
    private static Guid IdIn(ApiRequest request) => Guid.TryParseExact(request.Route("build"), "D", out var id) ? id : Guid.Empty;

    /// <summary>Where what the build prints can be read; empty if it is not the actor's to read.</summary>
    private string OutputUrl(ApiRequest request, Build build)
    {
        var (actor, app, id) = (request.Actor, build.App.ToString(), build.Id);
        if (platform.OpenLog(actor, app).Refusal is not null)
        {
            return string.Empty;
        }

        var view = new StreamView(
            () => platform.OpenBuildOutput(actor, app, id).TryGet(out var output, out _) ? output : null, new LogTail { After = 0, Follow = true }, BareText: true);
        return tickets.Issue(view, id.ToString()) is { } secret ? $"{addresses.ApiUrl}/streams/{secret}" : string.Empty;
    }

    // Sorts as the times do; the id tells two of one moment apart.
    private static string KeyOf(Build build) => string.Create(CultureInfo.InvariantCulture, $"{build.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss':'fffffff}-{build.Id}");
}
