using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaaS.Hosting;

internal sealed record BuildpackUpdateBody(string? Buildpack);

internal sealed record BuildpackUpdatesBody(BuildpackUpdateBody?[]? Updates);

internal sealed record BuildpackReferenceBody(string Url, string Name);

internal sealed record BuildpackInstallationBody(BuildpackReferenceBody Buildpack, int Ordinal);

/// <summary>Elements, so that what is null can be told from what is not there.</summary>
internal sealed record BuildSettingsChangeBody(JsonElement Root, JsonElement AppDir, JsonElement Secrets, JsonElement NotSecrets);

internal sealed record BuildSettingsBody(AppReference App, string[] Buildpacks, bool BuildpacksDetected, string? Root, string? AppDir, string[] Secrets, string[] NotSecrets);

/// <summary>
/// <c>/apps/{app}/buildpack-installations</c>: the app's buildpacks, as Heroku's CLI reads and writes them; and
/// <c>/apps/{app}/build-settings</c>, of this platform's own, for what Heroku says by config vars and buildpacks.
/// </summary>
internal sealed partial class BuildSettingsResource(Platform platform)
{
    private const string Urn = "urn:buildpack:";

    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/buildpack-installations", request => AnswerInstallationsAsync(request, platform.FindApp(request.Actor, request.Route("app"))));
        routes.Put("/apps/{app}/buildpack-installations", InstallAsync);
        routes.Get("/apps/{app}/build-settings", request => AnswerSettingsAsync(request, platform.FindApp(request.Actor, request.Route("app"))));
        routes.Patch("/apps/{app}/build-settings", ChangeAsync);
    }

    /// <summary>Reads a buildpack in any form that the CLI sends: a URL, a name, an urn, or the address that Heroku's registry gives for a name.</summary>
    public static bool TryRead(string? text, out BuildpackReference? reference)
    {
        var plain = text?.StartsWith(Urn, StringComparison.Ordinal) == true ? text[Urn.Length..] : text;
        return BuildpackReference.TryParse(plain is not null && RegistryAddress().Match(plain) is { Success: true } match ? match.Groups["name"].Value : plain, null, out reference);
    }

    public static BuildpackReferenceBody BodyOf(BuildpackReference reference) => new(reference.Text, reference.Text);

    private async Task InstallAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.BuildpackUpdatesBody) is not { } body)
        {
            return;
        }

        if (body.Updates is not { } updates)
        {
            await ApiError.Invalid("Send {\"updates\": [{\"buildpack\": \"heroku/nodejs\"}]}, with all buildpacks in the order they run; an empty list for none.").WriteAsync(request.Context);
            return;
        }

        var references = ImmutableList.CreateBuilder<BuildpackReference>();
        foreach (var update in updates.Take(BuildSettings.MaxBuildpacks + 1))
        {
            if (!TryRead(update?.Buildpack, out var reference))
            {
                await ApiError.Invalid($"'{Shown(update?.Buildpack)}' names no buildpack. Write a name such as heroku/nodejs, the https address, without user and password, of a git repository (with #branch, #tag or #commit if need be) or of a .tgz, or an absolute path.").WriteAsync(request.Context);
                return;
            }

            references.Add(reference!);
        }

        await AnswerInstallationsAsync(request, await platform.ChangeBuildSettingsAsync(request.Actor, request.Route("app"), new BuildPatch { Buildpacks = references.ToImmutable() }));
    }

    private async Task ChangeAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.BuildSettingsChangeBody) is not { } body)
        {
            return;
        }

        if (body is { Root.ValueKind: JsonValueKind.Undefined, AppDir.ValueKind: JsonValueKind.Undefined, Secrets.ValueKind: JsonValueKind.Undefined, NotSecrets.ValueKind: JsonValueKind.Undefined })
        {
            await ApiError.Invalid("Send at least one of root, app_dir, secrets and not_secrets.").WriteAsync(request.Context);
            return;
        }

        if (!TryReadPath(body.Root, out var root) || !TryReadPath(body.AppDir, out var directory))
        {
            await ApiError.Invalid("root and app_dir are relative paths such as 'apps/web': names of letters, digits and ._@+- with a slash between, no '..', at most 255 characters; null for none.").WriteAsync(request.Context);
            return;
        }

        if (!TryReadNames(body.Secrets, out var secrets) || !TryReadNames(body.NotSecrets, out var notSecrets))
        {
            await ApiError.Invalid("secrets and not_secrets are lists of names of config vars, such as [\"LICENSE\"]; null for none.").WriteAsync(request.Context);
            return;
        }

        var patch = new BuildPatch { Root = root, AppDirectory = directory, Secrets = secrets, NotSecrets = notSecrets };
        await AnswerSettingsAsync(request, await platform.ChangeBuildSettingsAsync(request.Actor, request.Route("app"), patch));
    }

    private static bool TryReadPath(JsonElement element, out SourcePath? path)
    {
        path = null;
        switch (element.ValueKind)
        {
            case JsonValueKind.Undefined:
                return true;
            case JsonValueKind.Null:
                path = default(SourcePath);
                return true;
            case JsonValueKind.String when TextOf(element) is "" or "." or "/":
                path = default(SourcePath);
                return true;
            case JsonValueKind.String when SourcePath.TryParse(TextOf(element), null, out var parsed):
                path = parsed;
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadNames(JsonElement element, out ImmutableSortedSet<string>? names)
    {
        names = element.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array when element.EnumerateArray().All(static one => TextOf(one) is not null) =>
                element.EnumerateArray().Select(static one => TextOf(one)!).ToImmutableSortedSet(StringComparer.Ordinal),
            _ => null,
        };
        return names is not null || element.ValueKind == JsonValueKind.Undefined;
    }

    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped: JSON allows it, but it is no text.
            return null;
        }
    }

    private static string Shown(string? text) => new([.. (text ?? string.Empty).Take(200).Select(static c => char.IsControl(c) ? '?' : c)]);

    private static Task AnswerInstallationsAsync(ApiRequest request, Outcome<App> outcome) =>
        outcome.TryGet(out var app, out var refusal)
            ? request.WriteAsync([.. app.Build.Buildpacks.Select((reference, i) => new BuildpackInstallationBody(BodyOf(reference), i))], ApiJson.Readable.BuildpackInstallationBodyArray)
            : request.WriteAsync(refusal);

    private static Task AnswerSettingsAsync(ApiRequest request, Outcome<App> outcome) =>
        outcome.TryGet(out var app, out var refusal)
            ? request.WriteAsync(
                new BuildSettingsBody(
                    AppReference.Of(app),
                    [.. app.Build.Buildpacks.Select(reference => reference.Text)],
                    app.Build.IsDetected,
                    app.Build.Root?.ToString(),
                    app.Build.AppDirectory?.ToString(),
                    [.. app.Build.Secrets],
                    [.. app.Build.NotSecrets]),
                ApiJson.Readable.BuildSettingsBody)
            : request.WriteAsync(refusal);

    [GeneratedRegex(@"^https://buildpack-registry\.s3\.amazonaws\.com/buildpacks/(?<name>[\w.-]+/[\w.-]+)\.tgz$", RegexOptions.CultureInvariant, 100)]
    private static partial Regex RegistryAddress();
}
