using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// One SQLite file in write-ahead mode. Every call opens a pooled connection of its own, so it may be used from any thread; writers wait
/// for each other up to five seconds.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private readonly string _connectionString;

    private SqliteDatabase(string path)
    {
        Path = path;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = 5,
        }.ToString();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens the file, making it and its folder where absent, and brings its schema up to this version.</summary>
    public static SqliteDatabase Open(string path)
    {
        SystemSqlite.Bind();
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            // Hashes of secrets live here; nobody else on the machine needs to read them.
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var database = new SqliteDatabase(path);
        using var connection = database.Connect();
        connection.Execute("PRAGMA journal_mode = WAL");
        Migrate(connection);
        return database;
    }

    /// <summary>A connection from the pool; the caller disposes it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        // NORMAL in write-ahead mode can lose the last commits at a power cut but never the file; the pool keeps no pragma.
        connection.Execute("PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000");
        return connection;
    }

    /// <summary>True where a query is answered.</summary>
    public bool Answers()
    {
        try
        {
            using var connection = Connect();
            return connection.ExecuteScalar<long>("SELECT count(*) FROM channels") >= 0;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>True where no channel was ever made in it.</summary>
    public bool IsFresh()
    {
        using var connection = Connect();
        return connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_sequence WHERE name = 'channels'") == 0;
    }

    /// <summary>Closes what the pool still holds.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static void Migrate(SqliteConnection connection)
    {
        var scripts = Scripts();
        // IMMEDIATE takes the write lock first: two processes that start together do not both apply a script.
        using var transaction = connection.BeginTransaction(deferred: false);
        var applied = connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction);
        if (applied > scripts.Count)
        {
            throw new InvalidOperationException(
                $"The database {connection.DataSource} has schema {applied}, newer than this sluice knows ({scripts.Count}). Start a newer sluice, or another data directory.");
        }
        foreach (var (number, script) in scripts)
        {
            if (number <= applied)
                continue;
            connection.Execute(script, transaction: transaction);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}"), transaction: transaction);
        }
        transaction.Commit();
    }

    private static List<(int Number, string Script)> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var scripts = new List<(int, string)>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var number = int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture);
            if (number != scripts.Count + 1)
                throw new InvalidOperationException($"Migration {name} is out of order.");
            scripts.Add((number, reader.ReadToEnd()));
        }
        return scripts;
    }
}
