using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PaaS.Routing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the router.</summary>
public static class RouterServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="PaaSRouter"/> and what it needs: an <see cref="IRouteTable"/> (a <see cref="RouteTable"/> in memory, which the host fills), an <see cref="IDynoSelector"/> (random), the system clock. What is registered already is kept; <see cref="IErrorPages"/>, <see cref="IExtraHeaders"/> and <see cref="IRequestObserver"/> are used if they are registered.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the limits. A value out of range stops the host at its start with an <see cref="OptionsValidationException"/> that names each.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddPaaSRouter(this IServiceCollection services, Action<RouterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<RouterOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RouterOptions>, RouterOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RouteTable>();
        services.TryAddSingleton<IRouteTable>(provider => provider.GetRequiredService<RouteTable>());
        services.TryAddSingleton<IDynoSelector>(_ => new RandomDynoSelector(Random.Shared));
        services.TryAddSingleton(provider => new PaaSRouter(
            provider.GetRequiredService<IRouteTable>(),
            provider.GetRequiredService<IOptions<RouterOptions>>().Value,
            new RouterPolicies
            {
                Selector = provider.GetRequiredService<IDynoSelector>(),
                ErrorPages = provider.GetService<IErrorPages>(),
                ExtraHeaders = provider.GetService<IExtraHeaders>(),
                Observer = provider.GetService<IRequestObserver>(),
            },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<PaaSRouter>>(),
            provider.GetService<IMeterFactory>()));
        return services;
    }
}
