using System.Net.Sockets;

namespace PaaS.Hosting;

/// <summary>One time limit over all steps of a fetch, and one translation of what can go wrong in them.</summary>
internal sealed class OutboundDeadline : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public OutboundDeadline(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        _timeout = timeout;
        _caller = caller;
        _timer = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> step) => RunAsync(step, CancellationToken.None);

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var all = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_either.Token, cancellationToken) : null;
        try
        {
            return await step((all ?? _either).Token);
        }
        catch (Exception e) when (Refusal(e) is { } refusal)
        {
            throw new OutboundException(refusal.Failure, refusal.Message, e, refusal.IsFinal);
        }
        catch (Exception e) when (_timer.IsCancellationRequested && !_caller.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(OutboundFailure.TimedOut, $"The URL was not fetched within {_timeout.TotalSeconds:0.#} s.", e);
        }
        catch (OperationCanceledException e) when (!_either.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(OutboundFailure.TimedOut, "The URL's host did not accept a connection in time.", e);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            throw new OutboundException(OutboundFailure.Unreachable, "The URL's host cannot be reached, or does not answer as it must. Check the name and the certificate.", e);
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }

    // The HTTP handler wraps what the connect step throws.
    private static OutboundException? Refusal(Exception e) => e as OutboundException ?? (e.InnerException is { } inner ? Refusal(inner) : null);
}
