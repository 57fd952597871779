using System.Net;
using PaaS.Testing;

namespace PaaS.Runtime.Tests;

public sealed class AddressBlockTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void All_but_the_blocks_ends_and_the_hosts_own_are_given_out_once()
    {
        var block = new AddressBlock(IPNetwork.Parse("10.1.4.0/22"), _time);

        var taken = Enumerable.Range(0, 1021).Select(_ => block.At(block.Take())).ToList();

        Assert.Equal(IPAddress.Parse("10.1.4.1"), block.Host);
        Assert.Equal((IPAddress.Parse("10.1.4.2"), IPAddress.Parse("10.1.7.254")), (taken[0], taken[^1]));
        Assert.Equal(1021, taken.Distinct().Count());
        var refusal = Assert.Throws<ProcessStartException>(() => block.Take());
        Assert.StartsWith("No address of 10.1.4.0/22 is free: 1021 are processes'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_was_given_back_rests_for_a_minute()
    {
        var block = new AddressBlock(IPNetwork.Parse("10.1.4.0/22"), _time);
        var taken = Enumerable.Range(0, 1021).Select(_ => block.Take()).ToList();
        block.Return(taken[7]);
        block.Return(taken[7]);

        _time.Advance(PortRange.Rest - TimeSpan.FromMilliseconds(1));
        Assert.Throws<ProcessStartException>(() => block.Take());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(taken[7], block.Take());
        Assert.Throws<ProcessStartException>(() => block.Take());
    }

    [Fact]
    public void Giving_back_what_was_not_taken_does_nothing()
    {
        var block = new AddressBlock(IPNetwork.Parse("10.1.4.0/22"), _time);
        block.Return(2);

        Assert.Equal(2, block.Take());
    }

    [Fact]
    public void Hosts_begin_to_look_in_different_places()
    {
        var chosen = Enumerable.Range(0, 20).Select(static i => AddressBlock.Choose(new Guid([1, 2, 3, (byte)(i * 7), .. new byte[12]]), [])).ToList();

        Assert.Equal(20, chosen.Distinct().Count());
        Assert.All(chosen, static block => Assert.True(IPNetwork.Parse("10.0.0.0/8").Contains(block!.Value.BaseAddress)));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "172.16.0.0/22")]
    [InlineData("10.0.0.77/32", "10.0.4.0/22")]
    [InlineData("10.0.0.0/20", "10.0.16.0/22")]
    [InlineData("11.0.0.0/8", "10.0.0.0/22")]
    public void What_the_machine_uses_is_left_alone(string used, string expected) =>
        Assert.Equal(IPNetwork.Parse(expected), AddressBlock.Choose(Guid.Empty, [IPNetwork.Parse(used)]));

    [Fact]
    public void The_last_block_is_followed_by_the_first()
    {
        var last = new Guid([0, 0, 0x3f, 0xff, .. new byte[12]]);

        Assert.Equal(IPNetwork.Parse("10.255.252.0/22"), AddressBlock.Choose(last, []));
        Assert.Equal(IPNetwork.Parse("10.0.0.0/22"), AddressBlock.Choose(last, [IPNetwork.Parse("10.255.255.53/32")]));
    }

    [Fact]
    public void When_everything_is_used_there_is_none() =>
        Assert.Null(AddressBlock.Choose(Guid.NewGuid(), [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16")]));
}
