using System.Net;

namespace PaaS.Routing.Tests;

internal static class SomeDynos
{
    /// <summary>web.1, web.2 and so on, at ports 1, 2 and so on.</summary>
    public static DynoEndpoint[] Of(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new DynoEndpoint(DynoName.Parse($"web.{i}"), new IPEndPoint(IPAddress.Loopback, i)))];
}
