namespace PaaS.Core;

/// <summary>An event to be appended.</summary>
/// <param name="Type">The stable type name, such as <c>release.created</c>; never a name of a .NET type.</param>
/// <param name="SchemaVersion">The version of the data's shape, from 1.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="CommandId">The command that caused it; all events of one command share it.</param>
/// <param name="Time">When it was decided.</param>
/// <param name="Data">The event's data: JSON, UTF-8.</param>
public sealed record JournalEvent(string Type, int SchemaVersion, Actor Actor, Guid CommandId, DateTimeOffset Time, ReadOnlyMemory<byte> Data);

/// <summary>An event as it stands in the journal.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its number in the stream, from 1.</param>
/// <param name="Position">Its place among all events; grows with every append.</param>
/// <param name="Event">The event.</param>
public sealed record RecordedEvent(StreamName Stream, long Version, long Position, JournalEvent Event);

/// <summary>The outcome of an append.</summary>
/// <param name="Succeeded">Whether the events are in the journal.</param>
/// <param name="Version">The stream's version: after the append, or the one that was found instead of the expected one.</param>
public readonly record struct AppendResult(bool Succeeded, long Version);

/// <summary>The journal holds what this version of the platform does not understand, or is damaged. The host must not start on it.</summary>
public sealed class JournalFormatException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what to do.</param>
    public JournalFormatException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public JournalFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
