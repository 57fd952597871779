namespace PaaS.Buildpacks;

/// <summary>A tree cannot become a slug: it is too large, or it was changed while it was read.</summary>
public sealed class SlugArchiveException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, where, and how to mend it.</param>
    public SlugArchiveException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, where, and how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public SlugArchiveException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
