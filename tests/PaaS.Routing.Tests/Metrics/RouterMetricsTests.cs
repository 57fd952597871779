using System.Diagnostics.Metrics;

namespace PaaS.Routing.Tests;

public sealed class RouterMetricsTests : IDisposable
{
    private readonly Meters _factory = new();
    private readonly RouterMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = [];

    public RouterMetricsTests()
    {
        _metrics = new RouterMetrics(_factory, FinishedRequest.Clock);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _factory.Made))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _factory.Dispose();
    }

    [Fact]
    public void An_ordinary_request_is_its_duration_and_its_connect()
    {
        _listener.Start();

        _metrics.Done(FinishedRequest.Ordinary());

        var duration = Only("paas.router.request.duration");
        Assert.Equal(0.0149, duration.Value, 4);
        Assert.Equal(new() { ["paas.app"] = "demo", ["network.protocol.version"] = "1.1", ["http.response.status_code"] = 200 }, duration.Tags);
        Assert.Equal(0.002, Only("paas.router.connect.duration").Value, 5);
        Assert.Equal((1, "connected"), (Only("paas.router.connects").Value, Only("paas.router.connects").Tags["paas.connect.outcome"]));
        Assert.DoesNotContain(_measured, measured => measured.Instrument is "paas.router.errors" or "paas.router.retries" or "paas.router.wait.duration");
    }

    [Fact]
    public void A_failure_is_counted_by_its_code_with_its_retries_and_its_wait()
    {
        _listener.Start();
        var facts = FinishedRequest.Failed(RouterError.ConnectTimeout);
        facts.Waited = FinishedRequest.Ticks(1500);
        foreach (var outcome in Enum.GetValues<AttemptOutcome>())
        {
            facts.Attempts.Add(new Attempt(facts.Route!.Endpoints[0], 3, 0, 0, 0, outcome));
        }

        _metrics.Done(facts);

        Assert.Equal(new() { ["paas.app"] = "demo", ["error.type"] = "H19" }, Only("paas.router.errors").Tags);
        Assert.Equal("H19", Only("paas.router.request.duration").Tags["error.type"]);
        Assert.Equal(5, Only("paas.router.retries").Value);
        Assert.Equal(1.5, Only("paas.router.wait.duration").Value, 3);
        Assert.Equal(
            ["reused", "connected", "refused", "timed_out", "stale", "lacked"],
            _measured.Where(measured => measured.Instrument == "paas.router.connects").Select(measured => measured.Tags["paas.connect.outcome"]));
    }

    [Fact]
    public void Requests_in_flight_are_observed_per_dyno_until_it_is_gone()
    {
        _listener.Start();
        var route = FinishedRequest.Route();
        _metrics.Begun(route);
        Assert.True(route.Endpoints[1].TryAcquire() && route.Endpoints[1].TryAcquire());
        Assert.Equal([("web.1", 0), ("web.2", 2), ("web.3", 0)], InFlight());

        // web.2 leaves with two requests, and another takes its name and its place.
        var next = SomeDynos.Of(2)[1];
        Assert.True(next.TryAcquire());
        route.Endpoints[1].Retire();
        _metrics.Begun(route with { Endpoints = [route.Endpoints[0], next] });
        Assert.Equal([("web.1", 0), ("web.2", 3), ("web.3", 0)], InFlight());

        route.Endpoints[2].Retire();
        route.Endpoints[1].Release();
        route.Endpoints[1].Release();
        Assert.Equal([("web.1", 0), ("web.2", 1)], InFlight());
    }

    [Fact]
    public void What_is_refused_before_it_has_an_app_is_counted_by_status()
    {
        _listener.Start();
        using var recorder = new RequestRecorder(new RouterOptions(), new RouterPolicies(), FinishedRequest.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, _factory);

        recorder.NoSuchApp("some-request-id-123456"u8, json: false);
        recorder.Refused(new RequestRefusal(431, "Too long."), "some-request-id-123456"u8, json: false);

        recorder.TurnedAway();

        Assert.Equal([404, 431, 503], _measured.Where(measured => measured.Instrument == "paas.router.refused").Select(measured => measured.Tags["http.response.status_code"]));
    }

    [Fact]
    public void Nobody_listening_costs_no_memory()
    {
        var facts = FinishedRequest.Ordinary();
        _metrics.Done(facts);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            _metrics.Begun(facts.Route!);
            _metrics.Done(facts);
            _metrics.Refused(404);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_meter_of_the_host_is_the_hosts_to_end()
    {
        _listener.Start();

        _metrics.Dispose();
        _metrics.Refused(404);

        Assert.Equal("PaaS.Routing", _factory.Made!.Name);
        Assert.Single(_measured);
    }

    private List<(string Dyno, int InFlight)> InFlight()
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        return [.. _measured.Select(measured => ((string)measured.Tags["paas.dyno"]!, (int)measured.Value)).Order()];
    }

    private (string Instrument, double Value, Dictionary<string, object?> Tags) Only(string instrument) =>
        Assert.Single(_measured, measured => measured.Instrument == instrument);

    private sealed class Meters : IMeterFactory
    {
        public Meter? Made { get; private set; }

        public Meter Create(MeterOptions options) => Made ??= new Meter(options);

        public void Dispose() => Made?.Dispose();
    }
}
