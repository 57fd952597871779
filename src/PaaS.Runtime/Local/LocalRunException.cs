namespace PaaS.Runtime;

/// <summary>What <see cref="LocalRunner"/> was asked to run cannot be run; the message says how to mend it.</summary>
public sealed class LocalRunException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and how to mend it.</param>
    public LocalRunException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public LocalRunException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
