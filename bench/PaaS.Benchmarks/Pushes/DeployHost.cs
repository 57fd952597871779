using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PaaS.Core;
using PaaS.Hosting;

namespace PaaS.Benchmarks;

/// <summary>A whole host in this process, for apps that are pushed to it.</summary>
internal sealed class DeployHost : IAsyncDisposable
{
    private const string Token = "token-of-the-figures";
    private readonly IHost _host;

    private DeployHost(IHost host) => _host = host;

    public Platform Platform => _host.Services.GetRequiredService<Platform>();

    public static async Task<DeployHost> StartAsync(string root, Action<PaaSOptions>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.AddPaaS(o =>
        {
            (o.Api.Port, o.Router.Port) = (0, 0);
            (o.DataDirectory, o.WorkDirectory, o.ReadyFile) = (Path.Combine(root, "data"), Path.Combine(root, "work"), Path.Combine(root, "ready"));
            o.Token = Token;
            more?.Invoke(o);
        });
        var host = new DeployHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    /// <summary>Makes an app.</summary>
    /// <returns>Where git pushes it.</returns>
    public async Task<string> CreateAsync(string name)
    {
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(name));
        return new UriBuilder(_host.Services.GetRequiredService<ApiAddresses>().ApiUrl) { UserName = "any", Password = Token, Path = $"/{name}.git" }.Uri.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
