using Microsoft.Extensions.Primitives;

namespace PaaS.Routing.Tests;

public class RequestIdTests
{
    [Theory]
    [InlineData("aaaaaaaaaabbbbbbbbbb")]
    [InlineData("AZaz09+/=-AZaz09+/=-")]
    public void A_good_id_of_the_client_is_kept(string id) => Assert.Equal(id, RequestId.From(id));

    [Fact]
    public void Twenty_to_two_hundred_characters_are_good()
    {
        Assert.Equal(new string('a', 200), RequestId.From(new string('a', 200)));
        Assert.NotEqual(new string('a', 201), RequestId.From(new string('a', 201)));
        Assert.NotEqual(new string('a', 19), RequestId.From(new string('a', 19)));
    }

    [Theory]
    [InlineData("aaaaaaaaaabbbbbbbbb_")]
    [InlineData("aaaaaaaaaabbbbbbbbb\"")]
    [InlineData("aaaaaaaaaabbbbb bbbbb")]
    [InlineData("aaaaaaaaaabbbbbbbbb\u00e9")]
    [InlineData("")]
    public void Any_other_is_replaced_by_a_new_one(string id) => Assert.True(Guid.TryParseExact(RequestId.From(id), "D", out _));

    [Fact]
    public void Of_two_none_is_kept() =>
        Assert.True(Guid.TryParseExact(RequestId.From(new StringValues([new string('a', 20), new string('b', 20)])), "D", out _));
}
