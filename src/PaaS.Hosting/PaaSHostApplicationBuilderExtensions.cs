using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PaaS.Core;
using PaaS.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the platform to a host.</summary>
public static class PaaSHostApplicationBuilderExtensions
{
    /// <summary>What closing the rest takes, beside draining and stopping dynos.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Adds the whole platform: git push, builds, releases, dynos, router, logs and the Platform API, on listeners of its own.
    /// Commands are at <see cref="Platform"/> in the services once the host has started. Register an
    /// <see cref="IAccessPolicy"/> or a <see cref="TimeProvider"/> before, to replace the default.
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
        services.AddSingleton(provider => new PaaSService(
            options,
            provider.GetRequiredService<Platform>(),
            provider.GetRequiredService<ApiAddresses>(),
            provider.GetRequiredService<RouteTable>(),
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
}
