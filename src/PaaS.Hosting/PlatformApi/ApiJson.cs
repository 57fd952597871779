using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaaS.Hosting;

/// <summary>Everything that the Platform API reads and writes, source-generated, in Heroku's snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(AppBody))]
[JsonSerializable(typeof(AppBody[]))]
[JsonSerializable(typeof(AppCreateBody))]
[JsonSerializable(typeof(AppUpdateBody))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(ReleaseBody))]
[JsonSerializable(typeof(ReleaseBody[]))]
[JsonSerializable(typeof(RollbackBody))]
[JsonSerializable(typeof(FormationBody))]
[JsonSerializable(typeof(FormationBody[]))]
[JsonSerializable(typeof(FormationUpdateBody))]
[JsonSerializable(typeof(FormationUpdatesBody))]
[JsonSerializable(typeof(DynoBody))]
[JsonSerializable(typeof(DynoBody[]))]
[JsonSerializable(typeof(DynoCreateBody))]
[JsonSerializable(typeof(JobBody))]
[JsonSerializable(typeof(JobBody[]))]
[JsonSerializable(typeof(JobWriteBody))]
[JsonSerializable(typeof(EmptyBody))]
[JsonSerializable(typeof(LogSessionCreateBody))]
[JsonSerializable(typeof(LogSessionBody))]
[JsonSerializable(typeof(BuildBody))]
[JsonSerializable(typeof(BuildBody[]))]
[JsonSerializable(typeof(BuildCreateBody))]
[JsonSerializable(typeof(BuildpackUpdatesBody))]
[JsonSerializable(typeof(BuildpackInstallationBody[]))]
[JsonSerializable(typeof(BuildSettingsBody))]
[JsonSerializable(typeof(BuildSettingsChangeBody))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(RouterSettingsBody))]
[JsonSerializable(typeof(RequestBody))]
[JsonSerializable(typeof(SourceBody))]
[JsonSerializable(typeof(UsageBody[]))]
[JsonSerializable(typeof(QuotaBody))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>
    /// The context to use. Quotes and the like are written as they are: the body is never taken for anything but JSON, and
    /// people read it in a terminal.
    /// </summary>
    public static ApiJson Readable => field ??= new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What an app is called wherever another resource mentions it.</summary>
internal sealed record AppReference(Guid Id, string Name)
{
    public static AppReference Of(App app) => new(app.Id.Value, app.Name.ToString());
}

internal sealed record NamedReference(Guid Id, string Name);

internal sealed record UserReference(Guid Id, string Email)
{
    public static UserReference Of(Actor actor) => new(actor.Account.Value, actor.Email);
}

internal sealed record EmptyBody;
