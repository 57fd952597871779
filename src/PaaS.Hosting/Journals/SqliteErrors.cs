using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace PaaS.Hosting;

/// <summary>What SQLite's result codes mean to the operator.</summary>
internal static class SqliteErrors
{
    public static Exception Translate(SqliteException e, string path, string verb) => e.SqliteErrorCode switch
    {
        SQLITE_CORRUPT or SQLITE_NOTADB => new JournalFormatException($"The journal '{path}' is damaged or is no journal. Restore it from a backup. (SQLite: {e.Message})", e),
        SQLITE_FULL => new IOException($"Cannot {verb} the journal '{path}': the disk is full. Nothing of this change was kept; free some space and try again. (SQLite: {e.Message})", e),
        SQLITE_IOERR or SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM => new IOException($"Cannot {verb} the journal '{path}': the disk or the file's permissions do not allow it. Nothing of this change was kept. (SQLite {e.SqliteExtendedErrorCode}: {e.Message})", e),
        SQLITE_BUSY or SQLITE_LOCKED => new IOException($"Cannot {verb} the journal '{path}': another program has locked it. Nothing of this change was kept; close that program and try again. (SQLite: {e.Message})", e),
        _ => new IOException($"Cannot {verb} the journal '{path}'. Nothing of this change was kept. (SQLite {e.SqliteExtendedErrorCode}: {e.Message})", e),
    };
}
