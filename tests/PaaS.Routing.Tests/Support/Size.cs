namespace PaaS.Routing.Tests;

/// <summary>How long the long tests are: small by default, full with <c>PAAS_TEST_SIZE=full</c>.</summary>
internal static class Size
{
    private static readonly bool s_full = Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";

    public static T Of<T>(T small, T full) => s_full ? full : small;
}
