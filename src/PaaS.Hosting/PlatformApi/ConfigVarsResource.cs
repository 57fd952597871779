namespace PaaS.Hosting;

/// <summary><c>/apps/{app}/config-vars</c>: get and patch. A null removes a name; several names in one patch make one release.</summary>
internal sealed class ConfigVarsResource(Platform platform)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/config-vars", GetAsync);
        routes.Patch("/apps/{app}/config-vars", PatchAsync);
        routes.Get("/apps/{app}/releases/{version}/config-vars", GetOfReleaseAsync);
    }

    public static Task AnswerAsync(ApiRequest request, Outcome<ConfigVars> outcome) =>
        outcome.TryGet(out var vars, out var refusal)
            ? request.WriteAsync(new SortedDictionary<string, string>(vars.ToDictionary(), StringComparer.Ordinal), ApiJson.Readable.SortedDictionaryStringString)
            : request.WriteAsync(refusal);

    private Task GetAsync(ApiRequest request) => AnswerAsync(request, platform.GetConfigVars(request.Actor, request.Route("app")));

    private async Task GetOfReleaseAsync(ApiRequest request)
    {
        if (!ReleaseVersion.TryParse(request.Route("version"), null, out var version))
        {
            await ApiError.NotFound("Couldn't find that release.", "release").WriteAsync(request.Context);
            return;
        }

        await AnswerAsync(request, platform.GetConfigVars(request.Actor, request.Route("app"), version));
    }

    private async Task PatchAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.DictionaryStringString) is not { } body)
        {
            return;
        }

        if (!ConfigPatch.TryCreate(body, out var patch, out var problem))
        {
            await ApiError.Invalid(problem).WriteAsync(request.Context);
            return;
        }

        var outcome = await platform.ChangeConfigVarsAsync(request.Actor, request.Route("app"), patch);
        await AnswerAsync(request, outcome.TryGet(out var app, out var refusal) ? app.ConfigVars : refusal);
    }
}
