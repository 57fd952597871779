using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// Asks a new web dyno whether it is well, once. An <see cref="IDynoRuntime"/> that implements it too is asked in place of the
/// supervisor's own HTTP client: for engines whose dynos the host cannot reach, and for those that only play dynos.
/// </summary>
public interface IHealthProbe
{
    /// <summary>Asks once.</summary>
    /// <param name="address">Where the dyno listens.</param>
    /// <param name="host">The app's host name, for the request's Host field.</param>
    /// <param name="check">What to ask; its <see cref="HealthCheck.Timeout"/> holds for this one attempt.</param>
    /// <param name="cancellationToken">Gives up: the dyno has ended.</param>
    ValueTask<HealthAnswer> AskAsync(IPEndPoint address, string host, HealthCheck check, CancellationToken cancellationToken = default);
}

/// <summary>What one attempt of a health check came to.</summary>
/// <param name="IsHealthy">Whether the dyno answered as it should.</param>
/// <param name="Description">What it did, as the end of a sentence about it: <c>answered 500</c>.</param>
public sealed record HealthAnswer(bool IsHealthy, string Description);
