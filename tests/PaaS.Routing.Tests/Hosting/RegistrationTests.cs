using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PaaS.Routing.Tests;

public class RegistrationTests
{
    [Fact]
    public async Task The_router_shares_a_port_with_an_embedders_own_endpoints()
    {
        await using var dyno = RawDyno.Hello();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(RouterListener.Configure);
        builder.Services.AddPaaSRouter(options => options.PublicPort = 443);
        await using var app = builder.Build();
        app.MapGet("/own", () => "own");
        app.MapPaaSRouter();
        app.Services.GetRequiredService<RouteTable>().Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [dyno.Endpoint], new LogStream()));
        await app.StartAsync();
        await using var client = await RawClient.ConnectAsync(RouterUnderTest.PortOf(app));

        await client.SendAsync("GET /own HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        Assert.Equal("own", (await client.ReadResponseAsync()).Body);
        await client.SendAsync("DELETE /other/path HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);

        Assert.Equal("DELETE /other/path HTTP/1.1", dyno.Requests.Single().Line);
        Assert.Equal("443", dyno.Requests.Single().Header("X-Forwarded-Port"));
    }

    [Fact]
    public async Task A_header_that_an_embedders_server_can_not_send_is_H17()
    {
        var logs = new LogStream();
        var routes = new RouteTable();
        await using var dyno = RawDyno.Answering("HTTP/1.1 200 OK\r\nX-Back: \u00e9\r\nContent-Length: 0\r\n\r\n");
        routes.Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [dyno.Endpoint], logs));
        using var router = new PaaSRouter(routes);
        await using var server = RouterUnderTest.Listen(router.ToRequestDelegate());
        await server.StartAsync();
        await using var client = await RawClient.ConnectAsync(RouterUnderTest.PortOf(server));

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public void Options_out_of_range_are_all_named_at_once()
    {
        var services = new ServiceCollection().AddPaaSRouter(options =>
        {
            options.ConnectAttempts = 0;
            options.IdleTimeout = TimeSpan.FromSeconds(-1);
        });
        using var provider = services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<PaaSRouter>);

        Assert.Contains("RouterOptions.ConnectAttempts is 0; use 1 to 100.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RouterOptions.IdleTimeout is -00:00:01; use 00:00:00.0010000 to 1.00:00:00.", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PaaSRouter(new RouteTable(), new RouterOptions { PublicPort = 0 }));
    }

    [Fact]
    public void What_a_host_registered_first_is_kept()
    {
        var selector = new FirstSelector();
        using var provider = new ServiceCollection().AddSingleton<IDynoSelector>(selector).AddPaaSRouter().AddPaaSRouter().BuildServiceProvider();

        Assert.Same(selector, provider.GetRequiredService<IDynoSelector>());
        Assert.Same(provider.GetRequiredService<RouteTable>(), provider.GetRequiredService<IRouteTable>());
    }
}
