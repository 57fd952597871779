using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PaaS.Routing;

/// <summary>
/// The meter <c>PaaS.Routing</c>. Every instrument costs one look at a field while nobody listens. Tags have few values: apps, codes and statuses, never
/// anything that a client can choose. All times are in seconds.
/// </summary>
internal sealed class RouterMetrics : IDisposable
{
    public const string MeterName = "PaaS.Routing";

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] };
    private static readonly object?[] Statuses = new object?[1000];

    private readonly Meter _meter;
    private readonly bool _isOwn;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _connecting;
    private readonly Histogram<double> _waiting;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _refused;
    private readonly ObservableUpDownCounter<int> _inFlight;
    private readonly EndpointsInUse _endpoints = new();
    private readonly TimeProvider _time;

    /// <param name="factory">Makes the meter; without one it is the router's own.</param>
    /// <param name="time">The clock of the facts' timestamps.</param>
    public RouterMetrics(IMeterFactory? factory, TimeProvider time)
    {
        _time = time;
        _isOwn = factory is null;
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _duration = _meter.CreateHistogram("paas.router.request.duration", "s", "From the end of a request's head to the last byte of its response.", advice: Seconds);
        _connecting = _meter.CreateHistogram("paas.router.connect.duration", "s", "Time of a request spent connecting to dynos, all attempts together.", advice: Seconds);
        _waiting = _meter.CreateHistogram("paas.router.wait.duration", "s", "Time that a request waited for a dyno to start or to leave quarantine; only of those that waited.", advice: Seconds);
        _connects = _meter.CreateCounter<long>("paas.router.connects", "{connect}", "Attempts at dynos, by outcome.");
        _retries = _meter.CreateCounter<long>("paas.router.retries", "{attempt}", "Attempts at a dyno beyond the first of a request.");
        _errors = _meter.CreateCounter<long>("paas.router.errors", "{request}", "Requests that ended with an H-code, by code.");
        _refused = _meter.CreateCounter<long>("paas.router.refused", "{request}", "Requests that were answered before they had an app: malformed, of an unknown host, or on a connection too many.");
        _inFlight = _meter.CreateObservableUpDownCounter("paas.router.dyno.requests", _endpoints.Observe, "{request}", "Requests in flight per dyno.");
    }

    /// <summary>A request of a known app has begun.</summary>
    public void Begun(AppRoute route)
    {
        if (_inFlight.Enabled)
        {
            _endpoints.Note(route);
        }
    }

    /// <summary>A request of a known app is over.</summary>
    public void Done(RequestFacts facts)
    {
        if (_duration.Enabled || _connects.Enabled || _retries.Enabled || _errors.Enabled || _connecting.Enabled || _waiting.Enabled)
        {
            Record(facts);
        }
    }

    /// <summary>A request was answered before it had an app.</summary>
    public void Refused(int status)
    {
        if (_refused.Enabled)
        {
            _refused.Add(1, OfStatus(status));
        }
    }

    public void Dispose()
    {
        if (_isOwn)
        {
            _meter.Dispose();
        }
    }

    private void Record(RequestFacts facts)
    {
        var app = new KeyValuePair<string, object?>("paas.app", facts.Route!.Name.ToString());
        var tags = new TagList { app, new("network.protocol.version", facts.Protocol["http".Length..]) };
        if (facts.Status != 0)
        {
            tags.Add(OfStatus(facts.Status));
        }

        if (facts.Error is { } error)
        {
            tags.Add("error.type", error.Code);
            _errors.Add(1, app, new("error.type", error.Code));
        }

        _duration.Record(_time.GetElapsedTime(facts.Began, facts.Ended).TotalSeconds, tags);
        if (facts.Connecting is { } connecting)
        {
            _connecting.Record(_time.GetElapsedTime(0, connecting).TotalSeconds, app);
        }

        if (facts.Waited > 0)
        {
            _waiting.Record(_time.GetElapsedTime(0, facts.Waited).TotalSeconds, app);
        }

        foreach (var attempt in facts.Attempts)
        {
            _connects.Add(1, app, new("paas.connect.outcome", Name(attempt.Outcome)));
        }

        if (facts.Attempts.Count > 1)
        {
            _retries.Add(facts.Attempts.Count - 1, app);
        }
    }

    private static string Name(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Reused => "reused",
        AttemptOutcome.Connected => "connected",
        AttemptOutcome.Refused => "refused",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.Lacked => "lacked",
        _ => "stale",
    };

    /// <summary>A tag's value is an object: one for each status is made once.</summary>
    private static KeyValuePair<string, object?> OfStatus(int status) =>
        new("http.response.status_code", (uint)status < (uint)Statuses.Length ? Statuses[status] ??= status : status);
}
