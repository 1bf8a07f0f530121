using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Control.Channels;

namespace Sluice.Storage.Sqlite;

/// <summary>Channels in SQLite. The calls are short and local, so they run on the caller's thread.</summary>
public sealed class SqliteChannelStore : IChannelStore
{
    private const string Columns =
        "id AS Id, number AS Number, name AS Name, title AS Title, created_at AS CreatedAt, is_private AS IsPrivate, "
        + "refuses_takeover AS RefusesTakeover, records AS Records, subtitles AS Subtitles, has_closed_captions AS HasClosedCaptions, secret_salt AS SecretSalt, secret_hash AS SecretHash";

    private const int UniqueViolation = 19;
    private readonly SqliteDatabase _database;

    /// <summary>A store in an open database.</summary>
    public SqliteChannelStore(SqliteDatabase database) => _database = database;

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Channel>> ListAsync(CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        var rows = connection.Query<ChannelRow>($"SELECT {Columns} FROM channels ORDER BY number");
        return ValueTask.FromResult<IReadOnlyList<Channel>>([.. rows.Select(row => row.ToChannel())]);
    }

    /// <inheritdoc />
    public ValueTask<StoredChannel?> FindAsync(string id, CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        var row = connection.QuerySingleOrDefault<ChannelRow>($"SELECT {Columns} FROM channels WHERE id = @id", new { id });
        if (row is null)
            return ValueTask.FromResult<StoredChannel?>(null);
        var tokens = connection.Query<TokenRow>(
            "SELECT id AS Id, label AS Label, created_at AS CreatedAt, salt AS Salt, hash AS Hash FROM watch_tokens WHERE channel_id = @id ORDER BY created_at, id",
            new { id });
        return ValueTask.FromResult<StoredChannel?>(
            new StoredChannel(row.ToChannel(), new SecretHash(row.SecretSalt, row.SecretHash), [.. tokens.Select(token => token.ToToken())]));
    }

    /// <inheritdoc />
    public ValueTask<Channel?> AddAsync(
        string id, string name, string title, DateTimeOffset createdAt, ChannelSettings settings, SecretHash secret, CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        try
        {
            var number = connection.ExecuteScalar<int>(
                """
                INSERT INTO channels (id, name, title, created_at, is_private, refuses_takeover, records, subtitles, has_closed_captions, secret_salt, secret_hash)
                VALUES (@id, @name, @title, @created, @isPrivate, @refusesTakeover, @records, @subtitles, @hasClosedCaptions, @salt, @hash) RETURNING number
                """,
                new
                {
                    id, name, title, created = createdAt.ToUnixTimeMilliseconds(), isPrivate = settings.IsPrivate,
                    refusesTakeover = settings.RefusesTakeover, records = settings.Records, subtitles = settings.Subtitles,
                    hasClosedCaptions = settings.HasClosedCaptions, salt = secret.Salt, hash = secret.Hash,
                });
            return ValueTask.FromResult<Channel?>(new Channel(id, number, name, title, Moment(createdAt.ToUnixTimeMilliseconds()), settings));
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == UniqueViolation)
        {
            return ValueTask.FromResult<Channel?>(null);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> UpdateAsync(Channel channel, CancellationToken cancellation) => Change(
        "UPDATE channels SET name = @Name, title = @Title, is_private = @IsPrivate, refuses_takeover = @RefusesTakeover, "
        + "records = @Records, subtitles = @Subtitles, has_closed_captions = @HasClosedCaptions WHERE id = @Id",
        new
        {
            channel.Id, channel.Name, channel.Title, channel.Settings.IsPrivate, channel.Settings.RefusesTakeover, channel.Settings.Records,
            channel.Settings.Subtitles, channel.Settings.HasClosedCaptions,
        });

    /// <inheritdoc />
    public ValueTask<bool> ReplaceSecretAsync(string id, SecretHash secret, CancellationToken cancellation) => Change(
        "UPDATE channels SET secret_salt = @Salt, secret_hash = @Hash WHERE id = @id", new { id, secret.Salt, secret.Hash });

    /// <inheritdoc />
    public ValueTask<bool> RemoveAsync(string id, CancellationToken cancellation) =>
        Change("DELETE FROM channels WHERE id = @id", new { id });

    /// <inheritdoc />
    public ValueTask<bool> AddWatchTokenAsync(string channelId, WatchToken token, CancellationToken cancellation) => Change(
        """
        INSERT INTO watch_tokens (id, channel_id, label, created_at, salt, hash)
        SELECT @Id, @channelId, @Label, @created, @Salt, @Hash WHERE EXISTS (SELECT 1 FROM channels WHERE id = @channelId)
        """,
        new { token.Id, channelId, token.Label, created = token.CreatedAt.ToUnixTimeMilliseconds(), token.Secret.Salt, token.Secret.Hash });

    /// <inheritdoc />
    public ValueTask<bool> RemoveWatchTokenAsync(string channelId, string tokenId, CancellationToken cancellation) =>
        Change("DELETE FROM watch_tokens WHERE channel_id = @channelId AND id = @tokenId", new { channelId, tokenId });

    private ValueTask<bool> Change(string sql, object parameters)
    {
        using var connection = _database.Connect();
        return ValueTask.FromResult(connection.Execute(sql, parameters) > 0);
    }

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed class ChannelRow
    {
        public string Id { get; set; } = "";
        public int Number { get; set; }
        public string Name { get; set; } = "";
        public string Title { get; set; } = "";
        public long CreatedAt { get; set; }
        public bool IsPrivate { get; set; }
        public bool RefusesTakeover { get; set; }
        public bool? Records { get; set; }
        public string Subtitles { get; set; } = "";
        public bool HasClosedCaptions { get; set; }
        public byte[] SecretSalt { get; set; } = [];
        public byte[] SecretHash { get; set; } = [];

        public Channel ToChannel() => new(Id, Number, Name, Title, Moment(CreatedAt),
            new ChannelSettings(IsPrivate, RefusesTakeover) { Records = Records, Subtitles = Subtitles, HasClosedCaptions = HasClosedCaptions });
    }

    private sealed class TokenRow
    {
        public string Id { get; set; } = "";
        public string Label { get; set; } = "";
        public long CreatedAt { get; set; }
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];

        public WatchToken ToToken() => new(Id, Label, Moment(CreatedAt), new SecretHash(Salt, Hash));
    }
}
