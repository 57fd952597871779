using System.Net;

namespace PaaS.Core.Tests;

public class DynoEndpointTests
{
    private readonly DynoEndpoint _endpoint = new(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 20_000));

    [Fact]
    public void An_endpoint_drains_when_its_last_request_ends_after_it_was_retired()
    {
        Assert.True(_endpoint.TryAcquire());
        Assert.True(_endpoint.TryAcquire());

        _endpoint.Retire();

        Assert.False(_endpoint.TryAcquire());
        Assert.True(_endpoint.Retired.IsCancellationRequested);
        _endpoint.Release();
        Assert.False(_endpoint.Drained.IsCompleted);
        _endpoint.Release();
        Assert.True(_endpoint.Drained.IsCompletedSuccessfully);
    }

    [Fact]
    public void An_idle_endpoint_drains_at_once()
    {
        _endpoint.Retire();
        _endpoint.Retire();

        Assert.True(_endpoint.Drained.IsCompletedSuccessfully);
    }

    [Fact]
    public void An_endpoint_whose_time_is_over_takes_no_more_and_waits_for_what_is_still_open()
    {
        Assert.True(_endpoint.TryAcquire());

        _endpoint.Expire();
        _endpoint.Expire();

        Assert.False(_endpoint.TryAcquire());
        Assert.True(_endpoint.Retired.IsCancellationRequested);
        Assert.True(_endpoint.Expired.IsCancellationRequested);
        Assert.False(_endpoint.Drained.IsCompleted);
        _endpoint.Release();
        Assert.True(_endpoint.Drained.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task No_request_slips_in_after_an_endpoint_was_seen_drained()
    {
        for (var round = 0; round < 200; round++)
        {
            var endpoint = new DynoEndpoint(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 20_000));
            var drainedSeen = 0;
            var slipped = 0;
            var requests = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < 200; i++)
                {
                    if (endpoint.TryAcquire())
                    {
                        slipped += Volatile.Read(ref drainedSeen);
                        endpoint.Release();
                    }
                }
            })).ToArray();
            endpoint.Retire();
            await endpoint.Drained;
            Volatile.Write(ref drainedSeen, 1);
            await Task.WhenAll(requests);

            Assert.Equal(0, slipped);
            Assert.Equal(0, endpoint.InFlight);
        }
    }
}
