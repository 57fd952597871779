using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Testing;

/// <summary>Counts every request once.</summary>
internal sealed class ProofTally
{
    public const string Get = "GET";
    public const string Upload = "upload";
    public const string Slow = "slow";
    public const string WebSocket = "WebSocket";

    private readonly Lock _gate = new();
    private readonly List<string> _kinds = [];
    private readonly Dictionary<string, (int Requests, int Failed)> _counts = [];
    private readonly Dictionary<(string Kind, FailureCause Cause), (int Count, string Example)> _failures = [];
    private readonly List<string> _leftOut = [];
    private int _echoes;
    private int _closed;
    private int _cut;

    public void Add(string kind)
    {
        lock (_gate)
        {
            _kinds.Add(kind);
            _counts[kind] = default;
        }
    }

    public void LeaveOut(string reason)
    {
        lock (_gate)
        {
            _leftOut.Add(reason);
        }
    }

    public void Succeed(string kind) => Count(kind, null, default);

    public void Fail(string kind, RequestFailedException failure, DateTimeOffset at) => Count(kind, failure, at);

    public void Echo() => Interlocked.Increment(ref _echoes);

    public void Close() => Interlocked.Increment(ref _closed);

    public void Cut() => Interlocked.Increment(ref _cut);

    public ZeroDowntimeReport Report(TimeSpan duration)
    {
        lock (_gate)
        {
            return new ZeroDowntimeReport(
                [.. _kinds.Select(kind => new RequestCount(kind, _counts[kind].Requests, _counts[kind].Failed))],
                [.. _failures.Select(static failure => new FailedRequests(failure.Key.Kind, failure.Key.Cause, failure.Value.Count, failure.Value.Example))],
                [.. _leftOut],
                _echoes,
                _closed,
                _cut,
                duration);
        }
    }

    private void Count(string kind, RequestFailedException? failure, DateTimeOffset at)
    {
        lock (_gate)
        {
            var (requests, failed) = _counts[kind];
            _counts[kind] = (requests + 1, failed + (failure is null ? 0 : 1));
            if (failure is not null)
            {
                var (count, example) = _failures.GetValueOrDefault((kind, failure.Cause));
                _failures[(kind, failure.Cause)] = (count + 1, example ?? string.Create(CultureInfo.InvariantCulture, $"at {at:HH:mm:ss.fff}: {failure.Message}"));
            }
        }
    }
}
