namespace Sluice.Control.Recordings;

/// <summary>
/// What Control asks of a database for recordings. Calls are short, may block, and are safe from any thread; what changes a recording that is gone does nothing.
/// </summary>
public interface IRecordingStore
{
    /// <summary>One recording with its parts, or null.</summary>
    Recording? Find(string id);

    /// <summary>Recordings, the newest first.</summary>
    /// <param name="channelId">Of one channel only; null for all.</param>
    /// <param name="before">Older than the recording of this id; null from the newest on.</param>
    /// <param name="limit">At most so many.</param>
    IReadOnlyList<Recording> List(string? channelId, string? before, int limit);

    /// <summary>Recordings in a state.</summary>
    IReadOnlyList<Recording> InState(RecordingState state);

    /// <summary>The newest recording of a channel that is no clip, or null.</summary>
    Recording? Newest(string channelId);

    /// <summary>Adds a recording without parts.</summary>
    void Add(Recording recording);

    /// <summary>Replaces state, reason and end.</summary>
    void Update(Recording recording);

    /// <summary>Adds a part or replaces it.</summary>
    void Put(string recordingId, RecordingPart part);

    /// <summary>Removes a part and what is kept of its upload.</summary>
    void RemovePart(string recordingId, int number);

    /// <summary>Removes a recording; false where there is none.</summary>
    bool Remove(string id);

    /// <summary>Finished parts, the oldest first, for retention.</summary>
    /// <param name="channelId">Of one channel only; null for all.</param>
    IReadOnlyList<StoredPart> FinishedParts(string? channelId);

    /// <summary>Finished parts that are not in the object store yet, the oldest first.</summary>
    IReadOnlyList<StoredPart> NotUploaded();

    /// <summary>What is known of an upload that was begun, or null.</summary>
    PartUpload? FindUpload(string recordingId, int number);

    /// <summary>Keeps how far an upload is.</summary>
    void PutUpload(string recordingId, int number, PartUpload upload);

    /// <summary>Forgets an upload.</summary>
    void RemoveUpload(string recordingId, int number);
}

/// <summary>A part with the recording it belongs to.</summary>
public sealed record StoredPart(string RecordingId, string ChannelId, RecordingPart Part);

/// <summary>How far an upload in pieces is.</summary>
/// <param name="UploadId">The store's name for it.</param>
/// <param name="PieceSize">Bytes of every piece but the last.</param>
/// <param name="Pieces">What the store answered for each piece that is there.</param>
public sealed record PartUpload(string UploadId, long PieceSize, IReadOnlyList<string> Pieces);
