using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace PaaS.Core;

/// <summary>
/// Where a web dyno listens, and how many requests it has in flight. A router takes the endpoint for a request with
/// <see cref="TryAcquire"/> and gives it back with <see cref="Release"/>; the runtime retires it with
/// <see cref="Retire"/> and then waits for <see cref="Drained"/> before the dyno gets its SIGTERM. Because taking and
/// retiring are decided by one atomic word, no request can slip in after the retirement was seen.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The token source has no timer and no wait handle: it holds nothing to dispose, and routers may read the token long after.")]
public sealed class DynoEndpoint
{
    private const int RetiredBit = 1 << 30;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _retired = new();
    private readonly CancellationTokenSource _expired = new();
    private int _word;
    private volatile bool _used;

    /// <summary>Makes an endpoint.</summary>
    /// <param name="dyno">The dyno's name, for log lines.</param>
    /// <param name="address">Where it listens.</param>
    public DynoEndpoint(DynoName dyno, IPEndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Dyno = dyno;
        Address = address;
        Label = dyno.ToString();
        Retired = _retired.Token;
        Expired = _expired.Token;
    }

    /// <summary>The dyno's name, such as <c>web.1</c>.</summary>
    public DynoName Dyno { get; }

    /// <summary>The name as text, made once.</summary>
    public string Label { get; }

    /// <summary>Address and port.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Requests in flight now.</summary>
    public int InFlight => Volatile.Read(ref _word) & ~RetiredBit;

    /// <summary>Cancelled when the endpoint is retired: a router closes its pooled connections then.</summary>
    public CancellationToken Retired { get; }

    /// <summary>Cancelled when the time to drain is over: a router ends what is still open (H24).</summary>
    public CancellationToken Expired { get; }

    /// <summary>Completes when the endpoint is retired and its last request has ended.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Takes the endpoint for one request.</summary>
    /// <returns><see langword="false"/> if it is retired: choose another.</returns>
    public bool TryAcquire()
    {
        if ((Interlocked.Increment(ref _word) & RetiredBit) == 0)
        {
            // Read first: a write for every request would have the processors fight for the cache line once more.
            if (!_used)
            {
                _used = true;
            }

            return true;
        }

        Release();
        return false;
    }

    /// <summary>Gives the endpoint back after a request that <see cref="TryAcquire"/> was true for.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _word) == RetiredBit)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Whether a request has come since the last call, or is in flight: how an idle dyno is told.</summary>
    public bool TakeUse()
    {
        var used = _used || InFlight > 0;
        _used = false;
        return used;
    }

    /// <summary>Takes no more requests from now on. Calling it again does nothing.</summary>
    public void Retire()
    {
        if ((Interlocked.Or(ref _word, RetiredBit) & RetiredBit) != 0)
        {
            return;
        }

        if (Volatile.Read(ref _word) == RetiredBit)
        {
            _drained.TrySetResult();
        }

        _retired.Cancel();
    }

    /// <summary>Retires the endpoint and ends the requests that are still open. Calling it again does nothing.</summary>
    public void Expire()
    {
        Retire();
        _expired.Cancel();
    }
}
