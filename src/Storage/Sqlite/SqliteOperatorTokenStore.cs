using Dapper;
using Sluice.Control.Admission;
using Sluice.Control.Channels;

namespace Sluice.Storage.Sqlite;

/// <summary>The hash of the operator's token in SQLite.</summary>
public sealed class SqliteOperatorTokenStore : IOperatorTokenStore
{
    private readonly SqliteDatabase _database;

    /// <summary>A store in an open database.</summary>
    public SqliteOperatorTokenStore(SqliteDatabase database) => _database = database;

    /// <inheritdoc />
    public ValueTask<SecretHash?> FindAsync(CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        var row = connection.QuerySingleOrDefault<TokenRow>("SELECT salt AS Salt, hash AS Hash FROM operator_token");
        return ValueTask.FromResult(row is null ? null : new SecretHash(row.Salt, row.Hash));
    }

    /// <inheritdoc />
    public ValueTask SaveAsync(SecretHash hash, CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        connection.Execute("INSERT OR REPLACE INTO operator_token (one, salt, hash) VALUES (1, @Salt, @Hash)", new { hash.Salt, hash.Hash });
        return ValueTask.CompletedTask;
    }

    private sealed class TokenRow
    {
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];
    }
}
