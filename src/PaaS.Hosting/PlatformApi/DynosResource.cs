using Microsoft.AspNetCore.Http;
using PaaS.Runtime;

namespace PaaS.Hosting;

internal sealed record ReleaseReference(Guid? Id, int Version);

internal sealed record DynoBody(Guid Id, string Name, string Type, string State, string Size, string Command, string? AttachUrl, ReleaseReference Release, AppReference App, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary><c>/apps/{app}/dynos</c>: list, info, restart, stop.</summary>
internal sealed class DynosResource(Platform platform)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/dynos", ListAsync);
        routes.Get("/apps/{app}/dynos/{dyno}", InfoAsync);
        routes.Delete("/apps/{app}/dynos", request => ControlAsync(request, DynoSelector.All, stop: false));
        routes.Delete("/apps/{app}/dynos/{dyno}", request => ControlOneAsync(request, stop: false));
        routes.Post("/apps/{app}/dynos/{dyno}/actions/stop", request => ControlOneAsync(request, stop: true));
        routes.Delete("/apps/{app}/formations/{type}", request => ControlTypeAsync(request, stop: false));
        routes.Post("/apps/{app}/formations/{type}/actions/stop", request => ControlTypeAsync(request, stop: true));
    }

    private async Task ListAsync(ApiRequest request)
    {
        if (await FindAsync(request) is { } found)
        {
            await request.WriteAsync([.. found.Dynos.Select(dyno => BodyOf(found.App, dyno))], ApiJson.Readable.DynoBodyArray);
        }
    }

    private async Task InfoAsync(ApiRequest request)
    {
        if (await FindAsync(request) is not { } found)
        {
            return;
        }

        if (found.Dynos.FirstOrDefault(dyno => dyno.Name.ToString() == request.Route("dyno")) is not { } dyno)
        {
            await ApiError.NotFound("Couldn't find that dyno.", "dyno").WriteAsync(request.Context);
            return;
        }

        await request.WriteAsync(BodyOf(found.App, dyno), ApiJson.Readable.DynoBody);
    }

    private async Task<(App App, IReadOnlyList<Dyno> Dynos)?> FindAsync(ApiRequest request)
    {
        var name = request.Route("app");
        if (platform.FindApp(request.Actor, name).TryGet(out var app, out var refusal) && platform.ListDynos(request.Actor, name).TryGet(out var dynos, out refusal))
        {
            return (app, dynos);
        }

        await request.WriteAsync(refusal!);
        return null;
    }

    private Task ControlOneAsync(ApiRequest request, bool stop)
    {
        var text = request.Route("dyno");
        return DynoName.TryParse(text, null, out var name) ? ControlAsync(request, DynoSelector.One(name), stop)
            : ProcessType.TryParse(text, null, out var type) ? ControlAsync(request, DynoSelector.OfType(type), stop)
            : ApiError.NotFound("Couldn't find that dyno.", "dyno").WriteAsync(request.Context);
    }

    private Task ControlTypeAsync(ApiRequest request, bool stop) =>
        ProcessType.TryParse(request.Route("type"), null, out var type)
            ? ControlAsync(request, DynoSelector.OfType(type), stop)
            : ApiError.NotFound("Couldn't find that process type.", "formation").WriteAsync(request.Context);

    private async Task ControlAsync(ApiRequest request, DynoSelector which, bool stop)
    {
        var outcome = stop ? platform.Stop(request.Actor, request.Route("app"), which) : platform.Restart(request.Actor, request.Route("app"), which);
        await (outcome.Refusal is { } refusal
            ? request.WriteAsync(refusal, platform.FindApp(request.Actor, request.Route("app")).Refusal is null ? "dyno" : "app")
            : request.WriteAsync(new EmptyBody(), ApiJson.Readable.EmptyBody, StatusCodes.Status202Accepted));
    }

    public static DynoBody BodyOf(App app, Dyno dyno) => new(
        dyno.Id,
        dyno.Name.ToString(),
        dyno.Name.Type.ToString(),
        dyno.State switch
        {
            DynoState.Starting => "starting",
            DynoState.Up => "up",
            DynoState.Crashed => "crashed",
            DynoState.Idle => "idle",
            _ => "down",
        },
        dyno.Size.ToString(),
        dyno.Command,
        null,
        new ReleaseReference(app.Find(dyno.Release)?.Id, dyno.Release.Number),
        AppReference.Of(app),
        dyno.Since,
        dyno.Since);
}
