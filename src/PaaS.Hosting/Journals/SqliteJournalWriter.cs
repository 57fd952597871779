using System.Globalization;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace PaaS.Hosting;

/// <summary>The one connection that writes. Used by one loop at a time; never by two.</summary>
internal sealed class SqliteJournalWriter : IDisposable
{
    /// <summary>How many appends share one commit at most: bounds what one failing append makes the others do again.</summary>
    public const int MaximumBatch = 64;

    public const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffffffZ";

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _last;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _drop;

    private SqliteJournalWriter(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
        _last = Prepare("SELECT COALESCE(MAX(version), 0) FROM events WHERE stream = $stream", "$stream");
        _insert = Prepare(
            "INSERT INTO events(stream, version, type, schema_version, actor_id, actor_email, command_id, time, data) VALUES($stream, $version, $type, $schema, $actor, $email, $command, $time, $data)",
            "$stream", "$version", "$type", "$schema", "$actor", "$email", "$command", "$time", "$data");
        _drop = Prepare(
            "DELETE FROM events WHERE stream = $stream AND version < $before AND version < (SELECT MAX(version) FROM events WHERE stream = $stream)",
            "$stream", "$before");
    }

    public static SqliteJournalWriter Open(string path, int? maximumPages)
    {
        SQLitePCL.Batteries_V2.Init();
        CreateFile(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, ForeignKeys = true }.ConnectionString);
        try
        {
            connection.Open();
            RequireWriteAheadLog(connection, path);
            SqliteJournalSchema.Execute(connection, "PRAGMA synchronous = FULL");
            SqliteJournalSchema.Ensure(connection, path);
            if (maximumPages is { } pages)
            {
                SqliteJournalSchema.Execute(connection, $"PRAGMA max_page_count = {pages}");
            }

            return new SqliteJournalWriter(path, connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteErrors.Translate(e, path, "open");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Writes a batch and gives every append in it an outcome. Never throws.</summary>
    /// <returns>Whether events were added.</returns>
    public bool Write(IReadOnlyList<PendingAppend> batch)
    {
        if (batch.Count == 0)
        {
            return false;
        }

        try
        {
            return Commit(batch);
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One append that cannot be written must not fail those that happened to share its commit.
            var added = false;
            foreach (var append in batch)
            {
                added |= Write([append]);
            }

            return added;
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the caller who waits for this append; the loop serves the next one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            batch[0].Fail(e is SqliteException sqlite ? SqliteErrors.Translate(sqlite, _path, "write") : e);
            return false;
        }
    }

    public void Dispose()
    {
        _last.Dispose();
        _insert.Dispose();
        _drop.Dispose();
        _connection.Dispose();
    }

    private bool Commit(IReadOnlyList<PendingAppend> batch)
    {
        RollBack();
        SqliteJournalSchema.Execute(_connection, "BEGIN IMMEDIATE");
        try
        {
            var added = false;
            foreach (var append in batch)
            {
                added |= append.DropBefore is { } before ? Drop(append, before) : Insert(append);
            }

            SqliteJournalSchema.Execute(_connection, "COMMIT");
            return added;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private bool Insert(PendingAppend append)
    {
        var stream = append.Stream.ToString();
        _last.Parameters[0].Value = stream;
        var version = (long)_last.ExecuteScalar()!;
        if (version != append.Expected)
        {
            append.Decide(new AppendResult(false, version));
            return false;
        }

        foreach (var e in append.Events)
        {
            object[] values =
            [
                stream, ++version, e.Type, e.SchemaVersion, e.Actor.Account.ToString(), e.Actor.Email, e.CommandId.ToString("D"),
                e.Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture), e.Data.ToArray(),
            ];
            for (var i = 0; i < values.Length; i++)
            {
                _insert.Parameters[i].Value = values[i];
            }

            _insert.ExecuteNonQuery();
        }

        append.Decide(new AppendResult(true, version));
        return true;
    }

    private bool Drop(PendingAppend append, long before)
    {
        (_drop.Parameters[0].Value, _drop.Parameters[1].Value) = (append.Stream.ToString(), before);
        _drop.ExecuteNonQuery();
        append.Decide(new AppendResult(true, 0));
        return false;
    }

    // SQLite ends the transaction by itself after some errors (a full disk) and not after others. The connection is
    // kept in any case: opening a new one would replay a commit whose sync had failed.
    private void RollBack()
    {
        if (sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            SqliteJournalSchema.Execute(_connection, "ROLLBACK");
        }
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    // SQLite gives its side files the mode of the database, so the first creation decides for all of them.
    private static void CreateFile(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
    }

    private static void RequireWriteAheadLog(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        if (command.ExecuteScalar() is not "wal")
        {
            throw new IOException($"The journal '{path}' cannot use a write-ahead log here. Put the data directory on a local disk, not on a network share.");
        }
    }
}
