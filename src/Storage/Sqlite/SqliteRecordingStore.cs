using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Control.Recordings;

namespace Sluice.Storage.Sqlite;

/// <summary>Recordings in SQLite.</summary>
public sealed class SqliteRecordingStore : IRecordingStore
{
    private const string Columns =
        "id AS Id, channel_id AS ChannelId, started_at AS StartedAt, ended_at AS EndedAt, state AS State, reason AS Reason, clip_of AS ClipOf";

    private const string PartColumns =
        "p.recording_id AS RecordingId, p.number AS Number, p.started_at AS StartedAt, p.state AS State, p.duration_ms AS Duration, p.size AS Size, "
        + "p.gaps AS Gaps, p.tracks AS Tracks, p.is_uploaded AS IsUploaded, p.is_local AS IsLocal";

    private readonly SqliteDatabase _database;

    /// <summary>A store in an open database.</summary>
    public SqliteRecordingStore(SqliteDatabase database) => _database = database;

    /// <inheritdoc />
    public Recording? Find(string id)
    {
        using var connection = _database.Connect();
        return Complete(connection, connection.Query<RecordingRow>($"SELECT {Columns} FROM recordings WHERE id = @id", new { id })).FirstOrDefault();
    }

    /// <inheritdoc />
    public IReadOnlyList<Recording> List(string? channelId, string? before, int limit)
    {
        using var connection = _database.Connect();
        return Complete(connection, connection.Query<RecordingRow>(
            $"""
            SELECT {Columns} FROM recordings
            WHERE (@channelId IS NULL OR channel_id = @channelId) AND (@before IS NULL OR id < @before)
            ORDER BY id DESC LIMIT @limit
            """,
            new { channelId, before, limit }));
    }

    /// <inheritdoc />
    public IReadOnlyList<Recording> InState(RecordingState state)
    {
        using var connection = _database.Connect();
        return Complete(connection, connection.Query<RecordingRow>($"SELECT {Columns} FROM recordings WHERE state = @state ORDER BY id", new { state = (int)state }));
    }

    /// <inheritdoc />
    public Recording? Newest(string channelId)
    {
        using var connection = _database.Connect();
        return Complete(connection, connection.Query<RecordingRow>(
            $"SELECT {Columns} FROM recordings WHERE channel_id = @channelId AND clip_of IS NULL ORDER BY id DESC LIMIT 1", new { channelId })).FirstOrDefault();
    }

    /// <inheritdoc />
    public void Add(Recording recording) => Change(
        "INSERT INTO recordings (id, channel_id, started_at, ended_at, state, reason, clip_of) VALUES (@Id, @ChannelId, @StartedAt, @EndedAt, @State, @Reason, @ClipOf)",
        RecordingRow.Of(recording));

    /// <inheritdoc />
    public void Update(Recording recording) =>
        Change("UPDATE recordings SET state = @State, reason = @Reason, ended_at = @EndedAt WHERE id = @Id", RecordingRow.Of(recording));

    /// <inheritdoc />
    public void Put(string recordingId, RecordingPart part) => Change(
        """
        INSERT INTO recording_parts (recording_id, number, started_at, state, duration_ms, size, gaps, tracks, is_uploaded, is_local)
        SELECT @RecordingId, @Number, @StartedAt, @State, @Duration, @Size, @Gaps, @Tracks, @IsUploaded, @IsLocal
        WHERE EXISTS (SELECT 1 FROM recordings WHERE id = @RecordingId)
        ON CONFLICT (recording_id, number) DO UPDATE SET started_at = excluded.started_at, state = excluded.state, duration_ms = excluded.duration_ms,
            size = excluded.size, gaps = excluded.gaps, tracks = excluded.tracks, is_uploaded = excluded.is_uploaded, is_local = excluded.is_local
        """,
        PartRow.Of(recordingId, part));

    /// <inheritdoc />
    public void RemovePart(string recordingId, int number) =>
        Change("DELETE FROM recording_parts WHERE recording_id = @recordingId AND number = @number", new { recordingId, number });

    /// <inheritdoc />
    public bool Remove(string id) => Change("DELETE FROM recordings WHERE id = @id", new { id });

    /// <inheritdoc />
    public IReadOnlyList<StoredPart> FinishedParts(string? channelId) =>
        Parts("p.state IN (2, 3) AND (@channelId IS NULL OR r.channel_id = @channelId)", channelId);

    /// <inheritdoc />
    public IReadOnlyList<StoredPart> NotUploaded() => Parts("p.state = 2 AND p.is_uploaded = 0 AND p.is_local = 1", null);

    /// <inheritdoc />
    public PartUpload? FindUpload(string recordingId, int number)
    {
        using var connection = _database.Connect();
        var row = connection.QuerySingleOrDefault<UploadRow>(
            "SELECT upload_id AS UploadId, piece_size AS PieceSize, pieces AS Pieces FROM recording_uploads WHERE recording_id = @recordingId AND number = @number",
            new { recordingId, number });
        return row is null ? null : new PartUpload(row.UploadId, row.PieceSize, JsonSerializer.Deserialize<string[]>(row.Pieces) ?? []);
    }

    /// <inheritdoc />
    public void PutUpload(string recordingId, int number, PartUpload upload) => Change(
        """
        INSERT INTO recording_uploads (recording_id, number, upload_id, piece_size, pieces)
        SELECT @recordingId, @number, @UploadId, @PieceSize, @pieces
        WHERE EXISTS (SELECT 1 FROM recording_parts WHERE recording_id = @recordingId AND number = @number)
        ON CONFLICT (recording_id, number) DO UPDATE SET upload_id = excluded.upload_id, piece_size = excluded.piece_size, pieces = excluded.pieces
        """,
        new { recordingId, number, upload.UploadId, upload.PieceSize, pieces = JsonSerializer.Serialize(upload.Pieces) });

    /// <inheritdoc />
    public void RemoveUpload(string recordingId, int number) =>
        Change("DELETE FROM recording_uploads WHERE recording_id = @recordingId AND number = @number", new { recordingId, number });

    private IReadOnlyList<StoredPart> Parts(string condition, string? channelId)
    {
        using var connection = _database.Connect();
        var rows = connection.Query<PartRow>(
            $"""
            SELECT {PartColumns}, r.channel_id AS ChannelId FROM recording_parts p JOIN recordings r ON r.id = p.recording_id
            WHERE {condition} ORDER BY p.started_at, p.recording_id, p.number
            """,
            new { channelId });
        return [.. rows.Select(row => new StoredPart(row.RecordingId, row.ChannelId, row.ToPart()))];
    }

    private static List<Recording> Complete(SqliteConnection connection, IEnumerable<RecordingRow> rows)
    {
        var all = new List<Recording>();
        foreach (var row in rows.AsList())
        {
            var parts = connection.Query<PartRow>($"SELECT {PartColumns} FROM recording_parts p WHERE p.recording_id = @Id ORDER BY p.number", new { row.Id });
            all.Add(row.ToRecording([.. parts.Select(part => part.ToPart())]));
        }
        return all;
    }

    private bool Change(string sql, object parameters)
    {
        using var connection = _database.Connect();
        return connection.Execute(sql, parameters) > 0;
    }

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed class RecordingRow
    {
        public string Id { get; set; } = "";
        public string ChannelId { get; set; } = "";
        public long StartedAt { get; set; }
        public long? EndedAt { get; set; }
        public int State { get; set; }
        public string Reason { get; set; } = "";
        public string? ClipOf { get; set; }

        public static RecordingRow Of(Recording recording) => new()
        {
            Id = recording.Id, ChannelId = recording.ChannelId, StartedAt = recording.StartedAt.ToUnixTimeMilliseconds(),
            EndedAt = recording.EndedAt?.ToUnixTimeMilliseconds(), State = (int)recording.State, Reason = recording.Reason, ClipOf = recording.ClipOf,
        };

        public Recording ToRecording(IReadOnlyList<RecordingPart> parts) => new(Id, ChannelId, Moment(StartedAt))
        {
            State = (RecordingState)State, Reason = Reason, ClipOf = ClipOf, EndedAt = EndedAt is { } end ? Moment(end) : null, Parts = parts,
        };
    }

    private sealed class PartRow
    {
        public string RecordingId { get; set; } = "";
        public string ChannelId { get; set; } = "";
        public int Number { get; set; }
        public long StartedAt { get; set; }
        public int State { get; set; }
        public long Duration { get; set; }
        public long Size { get; set; }
        public long Gaps { get; set; }
        public string Tracks { get; set; } = "[]";
        public bool IsUploaded { get; set; }
        public bool IsLocal { get; set; }

        public static PartRow Of(string recordingId, RecordingPart part) => new()
        {
            RecordingId = recordingId, Number = part.Number, StartedAt = part.StartedAt.ToUnixTimeMilliseconds(), State = (int)part.State,
            Duration = (long)part.Duration.TotalMilliseconds, Size = part.Size, Gaps = part.Gaps, Tracks = JsonSerializer.Serialize(part.Tracks),
            IsUploaded = part.IsUploaded, IsLocal = part.IsLocal,
        };

        public RecordingPart ToPart() => new(Number, Moment(StartedAt))
        {
            State = (PartState)State, Duration = TimeSpan.FromMilliseconds(Duration), Size = Size, Gaps = Gaps,
            Tracks = JsonSerializer.Deserialize<RecordedTrack[]>(Tracks) ?? [], IsUploaded = IsUploaded, IsLocal = IsLocal,
        };
    }

    private sealed class UploadRow
    {
        public string UploadId { get; set; } = "";
        public long PieceSize { get; set; }
        public string Pieces { get; set; } = "[]";
    }
}
