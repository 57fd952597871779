namespace PaaS.Runtime;

/// <summary>An app runs as many one-off dynos as it may (<see cref="OneOffOptions.MaxRunning"/>). One more can be started when one of them has ended or was stopped.</summary>
public sealed class OneOffLimitException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which limit was met, and how to go on.</param>
    public OneOffLimitException(string message) : base(message)
    {
    }
}
