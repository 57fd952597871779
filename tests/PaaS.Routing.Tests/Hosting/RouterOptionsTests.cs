namespace PaaS.Routing.Tests;

public class RouterOptionsTests
{
    [Fact]
    public void The_defaults_are_in_range_and_the_limits_of_heads_are_Herokus()
    {
        Assert.Empty(RouterOptionsValidator.Problems(new RouterOptions()));
        Assert.Equal(HeadLimits.Default, new RouterOptions().HeadLimits);
    }

    /// <summary>Whatever is added later is checked as well, or this fails.</summary>
    [Fact]
    public void Every_number_and_every_time_has_a_range()
    {
        foreach (var property in typeof(RouterOptions).GetProperties())
        {
            object? odd = property.PropertyType switch
            {
                var type when type == typeof(int) || type == typeof(int?) => -1,
                var type when type == typeof(TimeSpan) || type == typeof(TimeSpan?) => TimeSpan.FromSeconds(-1),
                _ => null,
            };
            if (odd is null)
            {
                Assert.Equal(typeof(bool), property.PropertyType);
                continue;
            }

            var options = new RouterOptions();
            property.SetValue(options, odd);
            Assert.StartsWith($"RouterOptions.{property.Name} is -", Assert.Single(RouterOptionsValidator.Problems(options)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_router_with_options_out_of_range_names_them_all()
    {
        var problem = Assert.Throws<ArgumentException>(() => new PaaSRouter(new RouteTable(), new RouterOptions { MaxHeadBytes = 1, TraceCapacity = -1 }));

        Assert.Contains("RouterOptions.MaxHeadBytes is 1; use 1024 to 4194304.", problem.Message, StringComparison.Ordinal);
        Assert.Contains("RouterOptions.TraceCapacity is -1; use 0 to 1000000.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Head_limits_reach_the_parser()
    {
        var limits = new RouterOptions { MaxHeaderCount = 2, MaxRequestLineBytes = 64, MaxHeaderLineBytes = 100, MaxResponseCookieLineBytes = 70 }.HeadLimits;

        HeadText.Request("GET / HTTP/1.1\r\nHost: a.test\r\nA: b\r\n\r\n", limits);
        Assert.Equal(431, HeadText.Refused("GET / HTTP/1.1\r\nHost: a.test\r\nA: b\r\nC: d\r\n\r\n", limits).Status);
        Assert.Equal(414, HeadText.Refused($"GET /{new string('x', 60)} HTTP/1.1\r\nHost: a.test\r\n\r\n", limits).Status);
        Assert.Equal(431, HeadText.Refused($"GET / HTTP/1.1\r\nHost: a.test\r\nA: {new string('x', 98)}\r\n\r\n", limits).Status);
        Assert.Equal("HTTP restriction: oversized cookie", HeadText.ResponseError($"HTTP/1.1 200 OK\r\nSet-Cookie: {new string('x', 60)}\r\n\r\n", limits).Desc);
    }
}
