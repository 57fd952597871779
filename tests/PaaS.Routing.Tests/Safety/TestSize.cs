namespace PaaS.Routing.Tests;

/// <summary>How much a run tries: <c>PAAS_TEST_SIZE=full</c> is the long one.</summary>
internal static class TestSize
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";

    public static int Of(int small, int full) => IsFull ? full : small;
}
