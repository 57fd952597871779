using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Hosting.Tests;

/// <summary>Who gets in, and what happens to those who try something else than a client would.</summary>
public sealed partial class ApiAccessTests : IAsyncLifetime
{
    private CoreScene _scene = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        _api = await _scene.OpenApiAsync();
        await _api.PostAsync("/apps", """{"name": "floating-dragon-42"}""");
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _scene.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer " + CoreScene.Token + "x")]
    [InlineData("Bearer " + CoreScene.Token + ", Bearer x")]
    [InlineData("Token " + CoreScene.Token)]
    [InlineData(CoreScene.Token)]
    public async Task A_request_without_the_right_token_is_unauthorized(string? authorization)
    {
        var refused = await SendAsync("/account", authorization);

        refused.IsError(HttpStatusCode.Unauthorized, "unauthorized");
        Assert.Equal("Bearer", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
        Assert.DoesNotContain("operator@", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task The_token_belongs_to_the_operators_account(string scheme)
    {
        var account = (await SendAsync("/account", $"{scheme} {CoreScene.Token}")).Is(HttpStatusCode.OK);

        Assert.Equal("operator@localhost", account["email"]);
        Assert.Equal(CoreScene.Operator.Account.Value.ToString(), account["id"]);
        Assert.Equal(account.Text, (await SendAsync("/users/~", $"{scheme} {CoreScene.Token}")).Text);
        Assert.Single(account.Headers.GetValues("Request-Id"));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access_token")]
    [InlineData("TOKEN")]
    [InlineData("api_key")]
    public async Task A_token_in_a_query_string_is_refused_even_beside_the_right_header(string key)
    {
        (await _api.GetAsync($"/account?{key}={CoreScene.Token}")).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await SendAsync($"/account?{key}={CoreScene.Token}", null)).IsError(HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task Every_address_of_the_api_asks_for_the_token_but_those_that_are_a_secret_themselves()
    {
        var open = new List<string>();
        foreach (var (method, path) in Addresses())
        {
            if ((await SendAsync(path, null, method)).Status != HttpStatusCode.Unauthorized)
            {
                open.Add($"{method} {path}");
            }
        }

        Assert.Equal(["GET /streams/1", "PUT /source-blobs/1"], open.Order());
        Assert.InRange(_scene.Endpoints.Count, 30, 200);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("null")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\": null, \"name\": [], \"updates\": [[]], \"release\": 1, \"source_blob\": {\"url\": {}}}")]
    [InlineData("{\"name\": \"\\ud800\", \"updates\": [{\"type\": \"\\u0000\"}], \"release\": \"\\u0000\", \"source_blob\": {\"url\": \"\\u0000\", \"version\": \"\\u0000\"}, \"dyno\": \"\\u0000\"}")]
    [InlineData("{\"source_blob\": {\"url\": \"http://[::1]:99999/\"}, \"quantity\": {\"a\": 1}, \"size\": \"\\u0000\"}")]
    [InlineData("{\"source_blob\": {\"url\": \"/etc/passwd\"}, \"lines\": 99999999999}")]
    [InlineData("not json")]
    public async Task No_body_makes_the_platform_fail(string body)
    {
        foreach (var (method, path) in Addresses().Where(address => address.Method is "POST" or "PATCH" or "PUT"))
        {
            var answer = await SendAsync(path, $"Bearer {CoreScene.Token}", method, body);

            Assert.True((int)answer.Status < 500, $"{method} {path}: {answer.Status} {answer.Text}");
        }
    }

    [Theory]
    [InlineData("/apps/%00")]
    [InlineData("/apps/..")]
    [InlineData("/apps/../../account/..")]
    [InlineData("/apps/%2e%2e/%2e%2e")]
    [InlineData("/apps/%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("/apps/a%2Fb")]
    [InlineData("/apps/a\\b")]
    [InlineData("/apps/%F0%9F%98%80")]
    [InlineData("/apps/%FF%FE")]
    [InlineData("/apps/%C3%28/config-vars")]
    [InlineData("/apps/%0d%0aX-Evil:%201")]
    [InlineData("/apps/%zz")]
    [InlineData("/apps/%")]
    [InlineData("/apps/{app}")]
    [InlineData("/apps/FLOATING-DRAGON-42")]
    [InlineData("/apps/floating-dragon-42%20")]
    [InlineData("/apps/00000000000000000000000000000000")]
    [InlineData("/apps/floating-dragon-42/releases/%00")]
    [InlineData("/apps/floating-dragon-42/dynos/%00")]
    [InlineData("/apps/floating-dragon-42/dynos/%F0%9F%98%80.1")]
    [InlineData("/apps/floating-dragon-42/formation/%00")]
    [InlineData("/apps/floating-dragon-42/builds/%00")]
    [InlineData("/streams/%00")]
    [InlineData("/streams/..%2f..%2faccount")]
    [InlineData("//account")]
    [InlineData("/apps//config-vars")]
    [InlineData("*")]
    public async Task No_address_makes_the_platform_fail_or_leads_elsewhere(string target)
    {
        Assert.InRange(await _api.SendRawAsync("GET", target), 400, 499);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(7000)]
    [InlineData(100_000)]
    public async Task No_length_of_an_address_makes_the_platform_fail(int length)
    {
        Assert.InRange(await _api.SendRawAsync("GET", $"/apps/{new string('a', length)}/config-vars"), 400, 499);
        Assert.InRange(await _api.SendRawAsync("GET", $"/apps/{string.Concat(Enumerable.Repeat("%F0%9F%98%80", length / 12))}"), 400, 499);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/apps/floating-dragon-42/nowhere")]
    [InlineData("POST", "/apps/floating-dragon-42/config-vars")]
    [InlineData("PUT", "/account")]
    [InlineData("DELETE", "/apps")]
    [InlineData("OPTIONS", "/apps")]
    public async Task An_address_that_does_not_exist_is_not_found_in_json_and_told_to_nobody_else(string method, string path)
    {
        var answer = await SendAsync(path, $"Bearer {CoreScene.Token}", method);

        Assert.Contains("HTTP verb", answer.IsError(HttpStatusCode.NotFound, "not_found"), StringComparison.Ordinal);
        (await SendAsync(path, null, method)).IsError(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    /// <summary>All that is mapped, with the test's app where an app is asked for and something else wherever something else is.</summary>
    private IEnumerable<(string Method, string Path)> Addresses() =>
        from endpoint in _scene.Endpoints
        let path = Parameter().Replace(endpoint.RoutePattern.RawText!, match => match.Groups[1].Value == "app" ? "floating-dragon-42" : "1")
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select (method, path);

    private async Task<ApiAnswer> SendAsync(string path, string? authorization, string method = "GET", string? body = null)
    {
        using var client = new ApiClient(new HttpClient { BaseAddress = _api.Http.BaseAddress });
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return await client.SendAsync(request);
    }
}
