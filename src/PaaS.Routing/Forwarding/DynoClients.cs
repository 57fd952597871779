using System.Collections.Concurrent;

namespace PaaS.Routing;

/// <summary>One <see cref="DynoClient"/> per dyno that this router has talked to, until the dyno is retired and its last request has ended.</summary>
internal sealed class DynoClients(RouterOptions options, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<DynoEndpoint, DynoClient> _clients = new();
    private readonly Lock _making = new();
    private long _lastQuarantine;
    private bool _disposed;

    /// <summary>The client of a dyno. The caller has acquired the endpoint: that keeps the client alive.</summary>
    public DynoClient For(DynoEndpoint dyno) => _clients.TryGetValue(dyno, out var client) ? client : Make(dyno);

    /// <summary>Whether any dyno may be in quarantine: spares the ordinary request the look at each.</summary>
    public bool AnyQuarantined => Volatile.Read(ref _lastQuarantine) is var at and not 0 && time.GetElapsedTime(at) < options.Quarantine;

    /// <summary>How long this router still leaves a dyno alone.</summary>
    public TimeSpan QuarantineLeft(DynoEndpoint dyno) => _clients.TryGetValue(dyno, out var client) ? client.QuarantineLeft() : TimeSpan.Zero;

    /// <summary>Leaves a dyno alone for the quarantine time.</summary>
    public void Quarantine(DynoEndpoint dyno)
    {
        For(dyno).Quarantine();
        Volatile.Write(ref _lastQuarantine, time.GetTimestamp() | 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_making)
        {
            _disposed = true;
        }

        foreach (var dyno in _clients.Keys)
        {
            Close(dyno);
        }
    }

    private DynoClient Make(DynoEndpoint dyno)
    {
        lock (_making)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_clients.TryGetValue(dyno, out var client))
            {
                return client;
            }

            client = _clients[dyno] = new DynoClient(dyno, options, time);

            // Drained comes once, at the end of the endpoint's life; the continuation is all there is to that task.
            _ = dyno.Drained.ContinueWith((_, _) => Close(dyno), null, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return client;
        }
    }

    private void Close(DynoEndpoint dyno)
    {
        if (_clients.TryRemove(dyno, out var client))
        {
            client.Dispose();
        }
    }
}
