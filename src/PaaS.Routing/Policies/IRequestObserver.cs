namespace PaaS.Routing;

/// <summary>Is told of each request of a known app at its end, whatever became of it.</summary>
public interface IRequestObserver
{
    /// <summary>A request is over; its line is in the app's log.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outcome">What became of it.</param>
    void OnDone(in RequestView request, in RequestOutcome outcome);
}

/// <summary>What became of a request.</summary>
/// <param name="Code">The H-code; null if nothing went wrong.</param>
/// <param name="Status">The status that the client got; 0 if it got none.</param>
/// <param name="Dyno">The dyno, or the last one tried; null if none was.</param>
/// <param name="Duration">From the end of its head to its last byte.</param>
/// <param name="Bytes">Bytes of the body that went to the client.</param>
public readonly record struct RequestOutcome(string? Code, int Status, DynoEndpoint? Dyno, TimeSpan Duration, long Bytes);
