using System.Net;
using PaaS.Testing;

namespace PaaS.Runtime.Tests;

public sealed class PortRangeTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly HashSet<int> _foreign = [];

    [Fact]
    public void It_begins_anywhere_and_goes_round()
    {
        var range = Make(5000, 5003, 2);

        Assert.Equal([5002, 5003, 5000, 5001], Enumerable.Range(0, 4).Select(_ => range.Take()));
    }

    [Fact]
    public void A_port_that_another_program_has_is_skipped()
    {
        _foreign.UnionWith([5000, 5001]);
        var range = Make(5000, 5003, 0);

        Assert.Equal([5002, 5003], [range.Take(), range.Take()]);
    }

    [Fact]
    public void A_port_that_was_given_back_rests_for_a_minute()
    {
        var range = Make(5000, 5001, 0);
        range.Return(range.Take());

        Assert.Equal(5001, range.Take());
        _time.Advance(PortRange.Rest - TimeSpan.FromMilliseconds(1));
        Assert.Throws<ProcessStartException>(() => range.Take());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(5000, range.Take());
    }

    [Fact]
    public void Giving_back_twice_or_what_was_not_taken_does_nothing()
    {
        var range = Make(5000, 5000, 0);
        range.Return(5000);
        range.Return(range.Take());
        _time.Advance(PortRange.Rest);
        var again = range.Take();
        range.Return(4999);

        Assert.Equal(5000, again);
        Assert.Throws<ProcessStartException>(() => range.Take());
    }

    [Fact]
    public void When_none_is_free_it_says_which()
    {
        var refusal = Assert.Throws<ProcessStartException>(() => { var range = Make(5000, 5000, 0); range.Take(); range.Take(); });

        Assert.Contains("No port from 5000 to 5000 is free", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 90)]
    [InlineData(5001, 5000)]
    [InlineData(5000, 65_536)]
    public void An_impossible_range_is_refused(int lowest, int highest) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(lowest, highest, 0));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public void A_bound_port_is_not_free_whatever_its_address(string address)
    {
        using var listener = DynoScene.Listen(IPAddress.Parse(address), 0);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.False(PortProbe.IsFree(port));
        listener.Stop();
        Assert.True(PortProbe.IsFree(port));
    }

    private PortRange Make(int lowest, int highest, int start) => new(lowest, highest, new ScriptedRandom(start), _time, port => !_foreign.Contains(port));
}
