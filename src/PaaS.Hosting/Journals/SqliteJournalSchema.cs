using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PaaS.Hosting;

/// <summary>The tables of the journal's file, and the version of them that it carries.</summary>
internal static class SqliteJournalSchema
{
    public const int CurrentVersion = 1;

    // "PaaS" in ASCII: tells a journal from any other SQLite file.
    private const int ApplicationId = 0x50616153;

    private static readonly string s_create = $"""
        BEGIN IMMEDIATE;
        CREATE TABLE events(
          position INTEGER PRIMARY KEY AUTOINCREMENT,
          stream TEXT NOT NULL,
          version INTEGER NOT NULL CHECK(version > 0),
          type TEXT NOT NULL,
          schema_version INTEGER NOT NULL,
          actor_id TEXT NOT NULL,
          actor_email TEXT NOT NULL,
          command_id TEXT NOT NULL,
          time TEXT NOT NULL,
          data BLOB NOT NULL,
          UNIQUE(stream, version));
        -- From a time when streams were listed by their first version; kept so that format 1 stays one format.
        CREATE UNIQUE INDEX streams ON events(stream) WHERE version = 1;
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {CurrentVersion};
        COMMIT;
        """;

    /// <summary>Creates the tables in an empty file; refuses what this version does not know.</summary>
    public static void Ensure(SqliteConnection connection, string path)
    {
        var application = Scalar(connection, "PRAGMA application_id");
        var version = Scalar(connection, "PRAGMA user_version");
        if (application == 0 && version == 0 && Scalar(connection, "SELECT COUNT(*) FROM sqlite_master") == 0)
        {
            Execute(connection, s_create);
            return;
        }

        if (application != ApplicationId)
        {
            throw new JournalFormatException($"The file '{path}' is a SQLite database, but not a journal of this platform. Name another file, or restore the journal from a backup.");
        }

        if (version != CurrentVersion)
        {
            throw new JournalFormatException($"The journal '{path}' has format {version}; this version of the platform reads format {CurrentVersion}. Start the version that wrote it.");
        }
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
