using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

internal sealed record AppCreateBody(string? Name);

internal sealed record AppUpdateBody(string? Name, bool? Maintenance);

internal sealed record AppBody
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public bool Acm { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }

    public NamedReference BuildStack { get; init; } = DefaultStack;

    public string? BuildpackProvidedDescription { get; init; }

    public string CreateStatus { get; init; } = "complete";

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? ReleasedAt { get; init; }

    public NamedReference Generation { get; init; } = new(new Guid("6f0b2a3e-0000-4000-8000-0000000000c1"), "cedar");

    public required string GitUrl { get; init; }

    public required string WebUrl { get; init; }

    public bool Maintenance { get; init; }

    public required UserReference Owner { get; init; }

    public NamedReference Region { get; init; } = new(new Guid("6f0b2a3e-0000-4000-8000-0000000000a1"), "us");

    public long? RepoSize { get; init; }

    public long? SlugSize { get; init; }

    public NamedReference? Space { get; init; }

    [JsonPropertyName("stack")]
    public NamedReference CurrentStack { get; init; } = DefaultStack;

    public NamedReference? Team { get; init; }

    public NamedReference? Organization { get; init; }

    public bool? InternalRouting { get; init; }

    private static NamedReference DefaultStack { get; } = new(new Guid("6f0b2a3e-0000-4000-8000-000000000024"), Slug.DefaultStack);
}

/// <summary><c>/apps</c>: create, list, info, rename, destroy.</summary>
internal sealed class AppsResource(Platform platform, ApiAddresses addresses)
{
    public void Map(ApiRoutes routes)
    {
        routes.Post("/apps", CreateAsync);
        routes.Get("/apps", ListAsync);
        routes.Get("/users/~/apps", ListAsync);
        routes.Get("/apps/{app}", InfoAsync);
        routes.Patch("/apps/{app}", UpdateAsync);
        routes.Delete("/apps/{app}", DestroyAsync);
    }

    private async Task CreateAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.AppCreateBody, new AppCreateBody(null)) is not { } body)
        {
            return;
        }

        AppName? name = null;
        if (body.Name is not null)
        {
            if (!AppName.TryParse(body.Name, null, out var parsed))
            {
                await ApiError.Invalid(BadName).WriteAsync(request.Context);
                return;
            }

            name = parsed;
        }

        var outcome = await platform.CreateAppAsync(request.Actor, name);
        await AnswerAsync(request, outcome, StatusCodes.Status201Created);
    }

    private Task ListAsync(ApiRequest request) =>
        ApiRange.WriteAsync(request, platform.ListApps(request.Actor), "name", app => app.Name.ToString(), apps => [.. apps.Select(BodyOf)], ApiJson.Readable.AppBodyArray);

    private Task InfoAsync(ApiRequest request) => AnswerAsync(request, platform.FindApp(request.Actor, request.Route("app")));

    private async Task UpdateAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.AppUpdateBody) is not { } body)
        {
            return;
        }

        AppName name = default;
        if (body.Name is not null && !AppName.TryParse(body.Name, null, out name))
        {
            await ApiError.Invalid(BadName).WriteAsync(request.Context);
            return;
        }

        // The name first: it is what may be refused, and then nothing has changed.
        var outcome = platform.FindApp(request.Actor, request.Route("app"));
        if (body.Name is not null && outcome.TryGet(out var app, out _))
        {
            outcome = await platform.RenameAppAsync(request.Actor, app.Id.ToString(), name);
        }

        if (body.Maintenance is { } isOn && outcome.TryGet(out app, out _))
        {
            outcome = await platform.SetMaintenanceAsync(request.Actor, app.Id.ToString(), isOn);
        }

        await AnswerAsync(request, outcome);
    }

    private async Task DestroyAsync(ApiRequest request) =>
        await AnswerAsync(request, await platform.DestroyAppAsync(request.Actor, request.Route("app")));

    private const string BadName = "Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes (3 to 30 characters).";

    private Task AnswerAsync(ApiRequest request, Outcome<App> outcome, int status = StatusCodes.Status200OK) =>
        outcome.TryGet(out var app, out var refusal)
            ? request.WriteAsync(BodyOf(app), ApiJson.Readable.AppBody, status)
            : request.WriteAsync(refusal);

    private AppBody BodyOf(App app) => new()
    {
        Id = app.Id.Value,
        Name = app.Name.ToString(),
        CreatedAt = app.CreatedAt,
        UpdatedAt = app.UpdatedAt,
        ReleasedAt = app.Releases.LastOrDefault()?.CreatedAt,
        BuildpackProvidedDescription = app.Current?.Slug?.BuildpackDescription,
        SlugSize = app.Current?.Slug?.Size,
        Maintenance = app.Maintenance,
        GitUrl = addresses.GitUrl(app.Name),
        WebUrl = addresses.WebUrl(app.Name),
        Owner = UserReference.Of(app.Owner),
    };
}
