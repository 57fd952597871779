namespace PaaS.Hosting;

/// <summary>git is missing, too old, or failed on a repository of the host's own.</summary>
internal sealed class GitException : IOException
{
    public GitException(string message) : base(message)
    {
    }

    public GitException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
