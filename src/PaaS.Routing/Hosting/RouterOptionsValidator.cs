using System.Globalization;
using Microsoft.Extensions.Options;

namespace PaaS.Routing;

/// <summary>Checks the ranges, and reports all that is wrong at once.</summary>
internal sealed class RouterOptionsValidator : IValidateOptions<RouterOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RouterOptions options) =>
        Problems(options) is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

    /// <summary>What is wrong, one sentence each.</summary>
    public static List<string> Problems(RouterOptions options)
    {
        var problems = new List<string>();
        Time(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Time(nameof(options.Quarantine), options.Quarantine, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Time(nameof(options.FirstByteTimeout), options.FirstByteTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Time(nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Time(nameof(options.BootWait), options.BootWait, TimeSpan.Zero, TimeSpan.FromHours(1));
        Time(nameof(options.HeadTimeout), options.HeadTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Time(nameof(options.ClientIdleTimeout), options.ClientIdleTimeout, TimeSpan.Zero, TimeSpan.FromDays(1));
        Time(nameof(options.PoolFreshTime), options.PoolFreshTime, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Time(nameof(options.RetryAfter), options.RetryAfter ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1));
        Number(nameof(options.MaxWaitingPerApp), options.MaxWaitingPerApp, 0, 1_000_000);
        Number(nameof(options.MaxClientConnections), options.MaxClientConnections, 1, 10_000_000);
        Time(nameof(options.PoolIdleTimeout), options.PoolIdleTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Number(nameof(options.ConnectAttempts), options.ConnectAttempts, 1, 100);
        Number(nameof(options.MaxInFlightPerDyno), options.MaxInFlightPerDyno, 1, 1_000_000);
        Number(nameof(options.TraceCapacity), options.TraceCapacity, 0, 1_000_000);
        Number(nameof(options.MaxRequestLineBytes), options.MaxRequestLineBytes, 64, 1 << 20);
        Number(nameof(options.MaxHeaderLineBytes), options.MaxHeaderLineBytes, 64, 1 << 20);
        Number(nameof(options.MaxHeaderCount), options.MaxHeaderCount, 1, 10_000);
        Number(nameof(options.MaxHeadBytes), options.MaxHeadBytes, 1024, 4 << 20);
        Number(nameof(options.MaxResponseHeaderLineBytes), options.MaxResponseHeaderLineBytes, 64, 4 << 20);
        Number(nameof(options.MaxResponseCookieLineBytes), options.MaxResponseCookieLineBytes, 64, 1 << 20);
        Number(nameof(options.PublicPort), options.PublicPort ?? 1, 1, 65535);
        return problems;

        void Time(string name, TimeSpan value, TimeSpan min, TimeSpan max)
        {
            if (value < min || value > max)
            {
                problems.Add($"RouterOptions.{name} is {value:c}; use {min:c} to {max:c}.");
            }
        }

        void Number(string name, int value, int min, int max)
        {
            if (value < min || value > max)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"RouterOptions.{name} is {value}; use {min} to {max}."));
            }
        }
    }
}
