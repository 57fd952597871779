using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PaaS.Hosting;
using PaaS.Routing;

namespace PaaS.EndToEnd;

/// <summary>The platform as a guest in somebody's program.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class EmbeddingTests : IDisposable
{
    private readonly string _root = MakeRoot();

    [Fact]
    public async Task Two_platforms_live_in_one_process_and_never_see_each_other()
    {
        using var first = await StartAsync("first");
        using var second = await StartAsync("second");
        var (one, two) = (first.Services.GetRequiredService<Platform>(), second.Services.GetRequiredService<Platform>());

        Assert.True((await one.CreateAppAsync(Platform.Operator, AppName.Parse("same-name"))).TryGet(out _, out _));
        Assert.Empty(two.ListApps(Platform.Operator));
        Assert.True((await two.CreateAppAsync(Platform.Operator, AppName.Parse("same-name"))).TryGet(out _, out _));

        await first.StopAsync();
        Assert.Single(two.ListApps(Platform.Operator));
        Assert.Throws<InvalidOperationException>(() => one.ListApps(Platform.Operator));
        await second.StopAsync();
    }

    [Fact]
    public async Task On_the_embedders_own_port_the_platform_answers_for_its_host_names_only()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UsePaaSRouter());
        });
        builder.AddPaaS(options => Configure(options, "mapped"));
        await using var app = builder.Build();
        app.MapGet("/", () => "the embedder's own page");
        app.MapPaaS("api.example.test");
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        Assert.Equal("the embedder's own page", await (await AskAsync(http, "127.0.0.1", "/")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(http, "127.0.0.1", "/apps")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(http, "api.example.test", "/apps")).StatusCode);
        var unknown = await AskAsync(http, "unknown-app.localhost", "/");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("text/html", unknown.Content.Headers.ContentType!.MediaType);

        // A port that is the router's alone, under the same router.
        using var apps = new HttpClient { BaseAddress = new Uri(app.Urls.Last()) };
        var platform = app.Services.GetRequiredService<Platform>();
        Assert.True((await platform.CreateAppAsync(Platform.Operator, AppName.Parse("same-name"))).TryGet(out _, out _));
        var blank = await AskAsync(apps, "same-name.localhost", "/");
        Assert.Contains("H81", await blank.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var requests = app.Services.GetRequiredService<PaaSRouter>().Requests;
        await Eventually.HoldsAsync("the request is over", () => requests.Recent(1).Count == 1);
        var request = requests.Recent(1).Single();
        Assert.Equal("H81", platform.ExplainRequest(Platform.Operator, "same-name", request.RequestId).Value!.Code);

        await app.StopAsync();
    }

    [Fact]
    public void The_API_is_never_mapped_for_every_host_name()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddPaaS(options => Configure(options, "never"));
        using var app = builder.Build();

        Assert.Throws<ArgumentException>(() => app.MapPaaS("*"));
        Assert.Throws<ArgumentException>(() => app.MapPaaS(" "));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string MakeRoot()
    {
        var root = Directory.CreateTempSubdirectory("paas-embed-").FullName;
        File.SetUnixFileMode(root, (UnixFileMode)Convert.ToInt32("711", 8));
        return root;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string host, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        return await http.SendAsync(request);
    }

    private async Task<IHost> StartAsync(string name)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddPaaS(options => Configure(options, name));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private void Configure(PaaSOptions options, string name)
    {
        options.Api.Port = 0;
        options.Router.Port = 0;
        options.DataDirectory = Path.Combine(_root, name, "data");
        options.WorkDirectory = Path.Combine(_root, name, "work");
    }
}
