using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PaaS.Testing;

namespace PaaS.EndToEnd;

/// <summary>A user of the host's: the Platform API with the token, the apps through the router.</summary>
internal sealed class Client : IDisposable
{
    private readonly RunningHost _host;
    private readonly HttpClient _api;
    private readonly HttpClient _web;

    public Client(RunningHost host)
    {
        _host = host;
        _api = new HttpClient { BaseAddress = host.ApiUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", host.Token) } };
        _web = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.RouterPort}") };
    }

    public async Task<string> CreateAppAsync(string? name = null)
    {
        var (status, body) = await SendAsync(HttpMethod.Post, "/apps", name is null ? null : new { name });
        Assert.True(status == HttpStatusCode.Created, body?.ToJsonString());
        return body!["name"]!.GetValue<string>();
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Default) };
        using var response = await _api.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<JsonNode> DoAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {status} {answer?.ToJsonString()}");
        return answer!;
    }

    public Task<JsonNode> GetAsync(string path) => DoAsync(HttpMethod.Get, path);

    /// <summary>Changes config vars and waits until the release runs.</summary>
    public async Task SetAsync(string app, object vars)
    {
        await DoAsync(HttpMethod.Patch, $"/apps/{app}/config-vars", vars);
        await SettledAsync(app);
    }

    public Task ScaleAsync(string app, params (string Type, int Quantity)[] wanted) =>
        DoAsync(HttpMethod.Patch, $"/apps/{app}/formation", new { updates = wanted.Select(x => new { type = x.Type, quantity = x.Quantity }) });

    /// <summary>Makes changes and waits until they have taken effect.</summary>
    public AppChanges ChangesOf(string app) => new(_api, app);

    /// <summary>As <see cref="ChangesOf(string)"/>, scaling up to so many.</summary>
    public AppChanges ChangesOf(string app, int scaleTo) => new(_api, app) { ScaleTo = scaleTo };

    public async Task<JsonArray> ReleasesAsync(string app) => (await GetAsync($"/apps/{app}/releases")).AsArray();

    /// <summary>Waits until no release is pending.</summary>
    public Task SettledAsync(string app) => Eventually.HoldsAsync(
        $"no release of {app} is pending", async () => (await ReleasesAsync(app)).All(release => release!["status"]!.GetValue<string>() != "pending"));

    public async Task<int> CurrentAsync(string app) =>
        (await ReleasesAsync(app)).Single(release => release!["current"]!.GetValue<bool>())!["version"]!.GetValue<int>();

    /// <summary>Waits until exactly these dynos are up.</summary>
    public Task UpAsync(string app, params string[] names) => Eventually.HoldsAsync($"{string.Join(' ', names)} of {app} are up", async () =>
        (await GetAsync($"/apps/{app}/dynos")).AsArray().Select(dyno => $"{dyno!["name"]} {dyno["state"]}").Order().SequenceEqual(names.Select(name => $"{name} up").Order()));

    public async Task<(HttpStatusCode Status, string Body)> BrowseAsync(string app, string path = "/", HttpContent? upload = null)
    {
        using var request = new HttpRequestMessage(upload is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = upload, Headers = { Host = $"{app}.localhost" } };
        using var response = await _web.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The app's answer as JSON; it must be a good one.</summary>
    public async Task<JsonNode> AskAsync(string app, string path = "/")
    {
        var (status, body) = await BrowseAsync(app, path);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {body}");
        return JsonNode.Parse(body)!;
    }

    public async Task<string> LogAsync(string app, int lines = 1500, string? dyno = null)
    {
        var session = await DoAsync(HttpMethod.Post, $"/apps/{app}/log-sessions", new { lines, dyno });
        using var anyone = new HttpClient();
        return await anyone.GetStringAsync(session["logplex_url"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _api.Dispose();
        _web.Dispose();
    }
}
