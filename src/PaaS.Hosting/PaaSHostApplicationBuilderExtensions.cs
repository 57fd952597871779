using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PaaS.Core;
using PaaS.Hosting;
using PaaS.Routing;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the platform to a host.</summary>
public static class PaaSHostApplicationBuilderExtensions
{
    /// <summary>What closing the rest takes, beside draining and stopping dynos.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Adds the whole platform: git push, builds, releases, dynos, router, logs and the Platform API, on listeners of its own.
    /// Commands are at <see cref="Platform"/> in the services once the host has started. Register an
    /// <see cref="IAccessPolicy"/> or a <see cref="TimeProvider"/> before, to replace the default. The router is among the services, so that
    /// ports of the host's own can have it (<c>listenOptions.UsePaaSRouter()</c>); an <see cref="IDynoSelector"/>, <see cref="IErrorPages"/>,
    /// <see cref="IExtraHeaders"/> or <see cref="IRequestObserver"/> that is registered is used by it.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The host.</returns>
    /// <remarks>The host's shutdown time-out is raised, if need be, so that dynos get the time that the options promise them.</remarks>
    public static IHostApplicationBuilder AddPaaS(this IHostApplicationBuilder builder, Action<PaaSOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new PaaSOptions();
        configure?.Invoke(options);
        var services = builder.Services;
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAccessPolicy, OwnerAccessPolicy>();
        services.TryAddSingleton<RouteTable>();
        services.TryAddSingleton<IRouteTable>(provider => provider.GetRequiredService<RouteTable>());
        services.AddSingleton(provider => new Platform(provider.GetRequiredService<IAccessPolicy>()));
        services.AddSingleton(new ApiAddresses(options));
        services.TryAddSingleton(provider => MakeRouter(provider, options.Router.Limits));
        services.AddSingleton(provider => new PaaSService(
            options,
            provider.GetRequiredService<Platform>(),
            provider.GetRequiredService<ApiAddresses>(),
            provider.GetRequiredService<RouteTable>(),
            provider.GetRequiredService<PaaSRouter>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService(provider => provider.GetRequiredService<PaaSService>());
        services.PostConfigure<HostOptions>(host =>
        {
            var needed = options.Supervisor.DrainTimeout + options.Supervisor.StopGrace + Margin;
            host.ShutdownTimeout = host.ShutdownTimeout < needed ? needed : host.ShutdownTimeout;
        });
        return builder;
    }

    private static PaaSRouter MakeRouter(IServiceProvider provider, RouterOptions limits) => new(
        provider.GetRequiredService<IRouteTable>(),
        limits,
        new RouterPolicies
        {
            Selector = provider.GetService<IDynoSelector>() ?? new RandomDynoSelector(Random.Shared),
            ErrorPages = provider.GetService<IErrorPages>(),
            ExtraHeaders = provider.GetService<IExtraHeaders>(),
            Observer = provider.GetService<IRequestObserver>(),
        },
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<PaaSRouter>>(),
        provider.GetService<IMeterFactory>());
}
