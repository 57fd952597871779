namespace PaaS.Buildpacks;

/// <summary>An archive was refused: it tries to leave its directory, holds what a source cannot hold, is too large, or is damaged.</summary>
public sealed class SourceRejectedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which entry, why, and how to mend it.</param>
    public SourceRejectedException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which entry, why, and how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public SourceRejectedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
