namespace PaaS.Testing;

/// <summary>A <see cref="ZeroDowntimeProof"/> or its changes cannot go on; the message says why and how to mend it.</summary>
public sealed class ZeroDowntimeException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and how to mend it.</param>
    public ZeroDowntimeException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public ZeroDowntimeException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
