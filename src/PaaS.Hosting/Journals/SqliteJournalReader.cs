using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PaaS.Hosting;

/// <summary>Reads pages of the journal over pooled read-only connections; safe to use from many threads.</summary>
internal sealed class SqliteJournalReader(string path) : IDisposable
{
    private const int PageSize = 256;
    private const string Columns = "stream, version, position, type, schema_version, actor_id, actor_email, command_id, time, data";

    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = true }.ConnectionString;

    public long LastPosition() => Scalar("SELECT COALESCE(MAX(position), 0) FROM events");

    public long LastVersion(StreamName stream) =>
        Scalar("SELECT COALESCE(MAX(version), 0) FROM events WHERE stream = $stream", ("$stream", stream.ToString()));

    public List<RecordedEvent> ReadStream(StreamName stream, long from, long last) => Query(
        $"SELECT {Columns} FROM events WHERE stream = $stream AND version BETWEEN $from AND $last ORDER BY version LIMIT {PageSize}",
        Event, ("$stream", stream.ToString()), ("$from", from), ("$last", last));

    public List<RecordedEvent> ReadAll(long from, long last) => Query(
        $"SELECT {Columns} FROM events WHERE position BETWEEN $from AND $last ORDER BY position LIMIT {PageSize}",
        Event, ("$from", from), ("$last", last));

    // Names are ASCII below 0x7f, so everything with the prefix sorts before prefix + 0x7f. From one name to the next by the
    // index of stream and version: a stream's events are not walked, and a compacted one has no first version to be found by.
    public List<string> ListStreams(string prefix, string? after) => Query(
        $"""
        WITH RECURSIVE names(stream) AS (
          VALUES((SELECT stream FROM events WHERE stream >= $prefix AND stream < $end AND stream > $after ORDER BY stream LIMIT 1))
          UNION ALL
          SELECT (SELECT e.stream FROM events AS e WHERE e.stream > names.stream AND e.stream < $end ORDER BY e.stream LIMIT 1) FROM names WHERE names.stream IS NOT NULL
          LIMIT {PageSize + 1})
        SELECT stream FROM names WHERE stream IS NOT NULL LIMIT {PageSize}
        """,
        static row => row.GetString(0), ("$prefix", prefix), ("$end", prefix + '\u007f'), ("$after", after ?? string.Empty));

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static RecordedEvent Event(SqliteDataReader row)
    {
        var stream = row.GetString(0);
        var position = row.GetInt64(2);
        try
        {
            var time = DateTime.ParseExact(row.GetString(8), SqliteJournalWriter.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
            var actor = new Actor(AccountId.Parse(row.GetString(5)), row.GetString(6));
            var e = new JournalEvent(row.GetString(3), row.GetInt32(4), actor, Guid.ParseExact(row.GetString(7), "D"), time, row.GetFieldValue<byte[]>(9));
            return new RecordedEvent(StreamName.Parse(stream), row.GetInt64(1), position, e);
        }
        catch (FormatException bad)
        {
            throw new JournalFormatException($"The event at position {position} of the journal, in stream '{stream}', cannot be read: {bad.Message} Restore the journal from a backup.", bad);
        }
    }

    private long Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> parameters) =>
        Query(sql, static row => row.GetInt64(0), parameters)[0];

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        using var rows = command.ExecuteReader();
        var found = new List<T>();
        while (rows.Read())
        {
            found.Add(read(rows));
        }

        return found;
    }
}
