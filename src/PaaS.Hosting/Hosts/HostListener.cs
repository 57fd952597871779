using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// A listener of the platform's own beside whatever the embedder serves: Kestrel with nothing from the process's
/// configuration, environment or signals.
/// </summary>
internal sealed class HostListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly TimeSpan _grace;

    private HostListener(WebApplication app, TimeSpan grace, IPEndPoint endpoint) => (_app, _grace, Endpoint) = (app, grace, endpoint);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    public static Task<HostListener> StartAsync(ListenerOptions options, string purpose, ILoggerFactory loggers, TimeSpan grace, Action<KestrelServerOptions> configure, RequestDelegate handle, CancellationToken cancellationToken) =>
        StartAsync(new IPEndPoint(options.Address, options.Port), purpose, loggers, grace, configure, static _ => { }, handle, cancellationToken);

    /// <summary>Opens a listener.</summary>
    /// <param name="endpoint">Where; port 0 takes a free one.</param>
    /// <param name="purpose">What it is called in messages.</param>
    /// <param name="loggers">For the operator.</param>
    /// <param name="grace">How long requests may go on when it stops.</param>
    /// <param name="configure">Sets up the server.</param>
    /// <param name="listen">Sets up the port.</param>
    /// <param name="handle">Answers requests.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ListenerException">The port is taken.</exception>
    public static async Task<HostListener> StartAsync(IPEndPoint endpoint, string purpose, ILoggerFactory loggers, TimeSpan grace, Action<KestrelServerOptions> configure, Action<ListenOptions> listen, RequestDelegate handle, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            configure(kestrel);
            kestrel.Listen(endpoint, listen);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();

        // The grace is the limit; the host's own of 30 s would be another one.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        var app = builder.Build();
        try
        {
            app.Run(handle);
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return new HostListener(app, grace, new IPEndPoint(endpoint.Address, BindingAddress.Parse(address).Port));
        }
        catch (IOException exception)
        {
            await app.DisposeAsync();
            throw ListenerException.Of(purpose, endpoint, exception);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(_grace);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    /// <summary>The embedder's host has the lifetime; this one must not touch signals or the console.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>A listener of the platform could not be opened.</summary>
public sealed class ListenerException : IOException
{
    internal ListenerException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }

    internal static ListenerException Of(string purpose, IPEndPoint endpoint, Exception cause) =>
        new($"The {purpose} cannot listen on {endpoint}: {cause.Message.TrimEnd('.')}. Choose another port, or stop what holds it.", cause);
}
