using Microsoft.Extensions.Logging;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>Who starts the host's processes: tenants' in sandboxes where the machine and the options allow, its own tools without.</summary>
internal sealed partial class HostLaunchers : IAsyncDisposable
{
    private readonly SandboxLauncher? _sandbox;
    private readonly PlainLauncher? _plain;

    private HostLaunchers(SandboxLauncher? sandbox, PlainLauncher? plain) => (_sandbox, _plain) = (sandbox, plain);

    /// <summary>Starts what is a tenant's: builds, dynos, one-offs, release phase, scheduler.</summary>
    public IProcessLauncher Tenants => _sandbox ?? (IProcessLauncher)_plain!;

    /// <summary>Starts git and the like.</summary>
    public IProcessLauncher Tools => _sandbox?.Tools ?? _plain!;

    /// <summary>Whether tenants' processes are in sandboxes.</summary>
    public bool HasSandbox => _sandbox is not null;

    /// <summary>Opens them.</summary>
    /// <exception cref="IsolationException">The options insist on more than the machine gives.</exception>
    public static async Task<HostLaunchers> OpenAsync(PaaSOptions options, DataDirectory data, WorkDirectory work, ILogger logger, CancellationToken cancellationToken)
    {
        if (options.Isolation == IsolationMode.None)
        {
            return new(null, new PlainLauncher(data.RecordsDirectory));
        }

        var (sandbox, report) = await SandboxLauncher.TryCreateAsync(
            new SandboxLauncherOptions { RecordsDirectory = data.RecordsDirectory, ScratchDirectory = work.Scratch, Toolchains = [.. options.Toolchains], Logger = logger }, cancellationToken);
        if (options.Isolation == IsolationMode.Required && report.Missing.Any())
        {
            await (sandbox?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw new IsolationException(report);
        }

        foreach (var missing in report.Missing)
        {
            Log.Missing(logger, missing);
        }

        return sandbox is null ? new(null, new PlainLauncher(data.RecordsDirectory)) : new(sandbox, null);
    }

    /// <summary>Ends what an earlier host left behind. Before the first start.</summary>
    public ValueTask<IReadOnlyList<SweptProcess>> SweepAsync(CancellationToken cancellationToken) =>
        _sandbox?.SweepAsync(cancellationToken) ?? _plain!.SweepAsync(cancellationToken);

    public ValueTask DisposeAsync() => _sandbox?.DisposeAsync() ?? _plain!.DisposeAsync();

    private static partial class Log
    {
        [LoggerMessage(137, LogLevel.Warning, "Tenants are not kept apart in full: {Missing}")]
        public static partial void Missing(ILogger logger, IsolationEntry missing);
    }
}
