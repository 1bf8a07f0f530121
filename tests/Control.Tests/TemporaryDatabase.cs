using Sluice.Storage.Sqlite;

namespace Sluice.Control.Tests;

/// <summary>A database in a folder of its own, removed afterwards.</summary>
public sealed class TemporaryDatabase : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-control-").FullName;

    public TemporaryDatabase() => Database = SqliteDatabase.Open(Path);

    public string Path => System.IO.Path.Combine(_folder, "inner", "sluice.db");

    public SqliteDatabase Database { get; private set; }

    public void Reopen()
    {
        Database.Dispose();
        Database = SqliteDatabase.Open(Path);
    }

    public void Dispose()
    {
        Database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
