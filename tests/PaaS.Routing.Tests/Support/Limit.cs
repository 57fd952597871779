namespace PaaS.Routing.Tests;

/// <summary>The one limit of everything that should come at once, so that a hang fails.</summary>
internal static class Limit
{
    public static readonly TimeSpan Unexpected = TimeSpan.FromSeconds(20);

    public static CancellationToken Token => new CancellationTokenSource(Unexpected).Token;
}
