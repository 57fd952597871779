using System.Net;
using System.Text.Json.Nodes;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class AppChangesTests
{
    [Theory]
    [InlineData("failed")]
    [InlineData("pending")]
    public async Task What_became_of_releases_from_before_is_not_the_changes_doing(string status)
    {
        using var api = new Api();
        api.Releases.Add((2, status));
        using var client = new HttpClient(api) { BaseAddress = new Uri("http://127.0.0.1") };

        await new AppChanges(client, "app").MakeAsync(AppChange.Config);

        Assert.Equal([(1, "succeeded"), (2, status), (3, "succeeded")], api.Releases);
    }

    [Fact]
    public async Task A_change_whose_release_fails_is_said()
    {
        using var api = new Api { Outcome = "failed" };
        using var client = new HttpClient(api) { BaseAddress = new Uri("http://127.0.0.1") };

        var refusal = await Assert.ThrowsAsync<ZeroDowntimeException>(() => new AppChanges(client, "app").MakeAsync(AppChange.Config));

        Assert.StartsWith("v2 of app failed", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>An app with one web dyno, always on its newest release that has succeeded.</summary>
    private sealed class Api : HttpMessageHandler
    {
        public List<(int Version, string Status)> Releases { get; } = [(1, "succeeded")];

        public string Outcome { get; init; } = "succeeded";

        private int Current => Releases.Last(static release => release.Status == "succeeded").Version;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            JsonNode answer = request.RequestUri!.AbsolutePath switch
            {
                "/apps/app/releases" => new JsonArray([.. Releases.Select(release => new JsonObject { ["version"] = release.Version, ["status"] = release.Status, ["current"] = release.Version == Current })]),
                "/apps/app/dynos" => new JsonArray(new JsonObject { ["type"] = "web", ["state"] = "up", ["release"] = new JsonObject { ["version"] = Current } }),
                "/apps/app/formation" => new JsonArray(new JsonObject { ["type"] = "web", ["quantity"] = 1, ["size"] = "Standard-1X" }),
                "/apps/app/config-vars" when request.Method == HttpMethod.Patch => Release(),
                _ => throw new InvalidOperationException($"{request.Method} {request.RequestUri} was not expected."),
            };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer.ToJsonString()) });
        }

        private JsonObject Release()
        {
            Releases.Add((Releases[^1].Version + 1, Outcome));
            return [];
        }
    }
}
