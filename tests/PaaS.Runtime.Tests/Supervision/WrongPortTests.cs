using System.Net;

namespace PaaS.Runtime.Tests;

public sealed class WrongPortTests
{
    [Theory]
    [InlineData("127.0.0.1:20000", "0.0.0.0:20000", null)]
    [InlineData("127.0.0.1:20000", "127.0.0.1:20000", null)]
    [InlineData("127.0.0.1:20000", "0.0.0.0:3000", "web.1 listens on port 3000, not on $PORT (20000)")]
    [InlineData("10.1.0.2:20000", "0.0.0.0:20000", null)]
    [InlineData("10.1.0.2:20000", "127.0.0.1:20000", "web.1 listens on 127.0.0.1 only, where no request reaches it. Bind to 0.0.0.0, port $PORT (20000)")]
    [InlineData("10.1.0.2:20000", "[::1]:20000", "web.1 listens on ::1 only, where no request reaches it. Bind to 0.0.0.0, port $PORT (20000)")]
    [InlineData("10.1.0.2:20000", "127.0.0.1:20000 10.1.0.2:20000", null)]
    [InlineData("10.1.0.2:20000", "127.0.0.1:3000 [::]:3000", "web.1 listens on port 3000, not on $PORT (20000)")]
    [InlineData("10.1.0.2:20000", "", null)]
    public void A_dyno_that_listens_elsewhere_is_told_where(string address, string listening, string? expected)
    {
        var world = new SupervisorWorld();
        world.Deploy(SupervisorWorld.Release(1), SupervisorWorld.Formation(web: 1));
        var run = world.Newest("web.1").Run with { Address = IPEndPoint.Parse(address) };

        Assert.Equal(expected, DynoLines.WrongPort(run, [.. listening.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text => IPEndPoint.Parse(text))]));
    }
}
