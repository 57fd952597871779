using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace PaaS.Hosting;

internal sealed record FormationBody(Guid Id, string Type, int Quantity, string Size, string? Command, AppReference App, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>One change. The CLI sends quantities as text: <c>"2"</c>, <c>"+1"</c>, <c>"-1"</c>.</summary>
internal sealed record FormationUpdateBody(string? Type, JsonElement? Quantity, string? Size);

internal sealed record FormationUpdatesBody(FormationUpdateBody?[]? Updates);

/// <summary><c>/apps/{app}/formation</c>: list and patch.</summary>
internal sealed class FormationResource(Platform platform)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/formation", ListAsync);
        routes.Patch("/apps/{app}/formation", PatchAsync);
        routes.Get("/apps/{app}/formation/{type}", InfoAsync);
        routes.Patch("/apps/{app}/formation/{type}", PatchOneAsync);
    }

    private async Task ListAsync(ApiRequest request)
    {
        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        await request.WriteAsync([.. EntriesOf(app).Select(entry => BodyOf(app, entry))], ApiJson.Readable.FormationBodyArray);
    }

    private async Task InfoAsync(ApiRequest request)
    {
        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        if (EntriesOf(app).FirstOrDefault(entry => entry.Type.ToString() == request.Route("type")) is not { } found)
        {
            await ApiError.NotFound($"Couldn't find that process type ({request.Route("type")}).", "formation").WriteAsync(request.Context);
            return;
        }

        await request.WriteAsync(BodyOf(app, found), ApiJson.Readable.FormationBody);
    }

    private async Task PatchAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.FormationUpdatesBody) is not { } body)
        {
            return;
        }

        if (body.Updates is not { Length: > 0 and <= 100 } updates)
        {
            await ApiError.Invalid("Send {\"updates\": [{\"type\": \"web\", \"quantity\": 2}]} with 1 to 100 updates.").WriteAsync(request.Context);
            return;
        }

        await ScaleAsync(request, updates, single: false);
    }

    private async Task PatchOneAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.FormationUpdateBody) is { } body)
        {
            await ScaleAsync(request, [body with { Type = request.Route("type") }], single: true);
        }
    }

    private async Task ScaleAsync(ApiRequest request, FormationUpdateBody?[] updates, bool single)
    {
        var parsed = ImmutableArray.CreateBuilder<FormationUpdate>(updates.Length);
        foreach (var update in updates)
        {
            if (!TryParse(update, out var wanted, out var problem))
            {
                await ApiError.Invalid(problem).WriteAsync(request.Context);
                return;
            }

            parsed.Add(wanted);
        }

        var outcome = await platform.ScaleAsync(request.Actor, request.Route("app"), parsed.ToImmutable());
        if (!outcome.TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal, platform.FindApp(request.Actor, request.Route("app")).Refusal is null ? "formation" : "app");
            return;
        }

        FormationBody[] bodies = [.. EntriesOf(app).Where(entry => parsed.Any(update => update.Type == entry.Type)).Select(entry => BodyOf(app, entry))];
        await (single ? request.WriteAsync(bodies[0], ApiJson.Readable.FormationBody) : request.WriteAsync(bodies, ApiJson.Readable.FormationBodyArray));
    }

    private static bool TryParse(FormationUpdateBody? body, out FormationUpdate update, out string problem)
    {
        (update, problem) = (null!, string.Empty);
        if (body is null || !ProcessType.TryParse(body.Type, null, out var type))
        {
            problem = "A process type has 1 to 128 letters, digits, '-' or '_', such as web.";
            return false;
        }

        DynoSize? size = null;
        if (body.Size is not null)
        {
            if (!DynoSize.TryParse(body.Size, null, out var parsed))
            {
                problem = $"No such size as '{(body.Size.Length > 40 ? body.Size[..40] + "..." : body.Size)}'. Sizes are Eco, Basic, Standard-1X, Standard-2X, Performance-M and larger.";
                return false;
            }

            size = parsed;
        }

        if (body.Quantity is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element)
        {
            update = new FormationUpdate(type, null, false, size);
            return true;
        }

        // Only a quoted number is a change: a bare -1 is a quantity, and none that can be.
        var text = TextOf(element);
        var relative = text is ['+' or '-', ..];
        var quoted = element.ValueKind == JsonValueKind.String;

        // Relative changes are bounded as absolute ones are, far below where a sum could overflow.
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity) || quantity is > Formation.MaxTotal or < -Formation.MaxTotal || (relative && !quoted))
        {
            problem = $"The quantity of {type} must be a whole number from 0 to 100, or a change such as \"+1\".";
            return false;
        }

        update = new FormationUpdate(type, quantity, relative, size);
        return true;
    }

    private static string TextOf(JsonElement quantity)
    {
        try
        {
            return quantity.ValueKind == JsonValueKind.String ? quantity.GetString()! : quantity.GetRawText();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped: JSON allows it, but it is no text, and so no number.
            return string.Empty;
        }
    }

    /// <summary>The formation and, as Heroku lists it, the release type: of it none runs, but it has a size.</summary>
    private static IEnumerable<FormationEntry> EntriesOf(App app) =>
        app.Current?.Slug?.ProcessTypes.ContainsKey(ProcessType.Release) == true
            ? app.Formation.Append(new FormationEntry(ProcessType.Release, 0, app.ReleaseSize)).OrderBy(entry => entry.Type)
            : app.Formation;

    private static FormationBody BodyOf(App app, FormationEntry entry) => new(
        DerivedId.Of(app.Id, entry.Type.ToString()),
        entry.Type.ToString(),
        entry.Quantity,
        entry.Size.ToString(),
        app.Current?.Slug?.ProcessTypes.GetValueOrDefault(entry.Type),
        AppReference.Of(app),
        app.CreatedAt,
        app.UpdatedAt);
}
