namespace PaaS.Hosting;

/// <summary>A directory of the host cannot be used as it is. The message says which, why, and what to do.</summary>
public class DataDirectoryException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which directory or file, why, and what to do.</param>
    public DataDirectoryException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which directory or file, why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public DataDirectoryException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>Another host holds the directory.</summary>
public sealed class DataDirectoryInUseException : DataDirectoryException
{
    internal DataDirectoryInUseException(string path, int? processId)
        : base($"The directory '{path}' is in use by another host ({(processId is { } pid ? $"process {pid}" : "process unknown")}). Stop that one first, or give this one a directory of its own.")
    {
        Path = path;
        ProcessId = processId;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>The process that holds it, if that could be read.</summary>
    public int? ProcessId { get; }
}
