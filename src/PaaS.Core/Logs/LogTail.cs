namespace PaaS.Core;

/// <summary>Which lines a reader wants, and whether it stays.</summary>
public sealed record LogTail
{
    /// <summary>How many lines of the backlog, counted after filtering. Default 100, at most <see cref="LogStream.Capacity"/>.</summary>
    public int Lines { get; init; } = 100;

    /// <summary>Whether to go on with new lines when the backlog has been read.</summary>
    public bool Follow { get; init; }

    /// <summary>Only this source.</summary>
    public LogSource? Source { get; init; }

    /// <summary>Only this process, exactly (<c>web.1</c>), or every process of this type (<c>web</c>).</summary>
    public string? Process { get; init; }

    /// <summary>Start behind the line of this number instead of counting lines from the end: resumes a tail that was cut off.</summary>
    public long? After { get; init; }

    internal bool Matches(in LogLine line) =>
        (Source is null || Source == line.Source)
        && (Process is null
            || line.Process == Process
            || (line.Process.Length > Process.Length && line.Process[Process.Length] == '.' && line.Process.StartsWith(Process, StringComparison.Ordinal)));
}
