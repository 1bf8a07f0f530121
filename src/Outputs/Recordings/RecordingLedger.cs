using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// What is kept of one recording while it is written: its number of parts, its rows in the store, its place in the library. The recorder's thread calls it; the
/// disk's thread writes the rows, each behind the bytes it speaks of.
/// </summary>
internal sealed class RecordingLedger
{
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(10);

    private readonly RecordingLibrary _library;
    private readonly RecordingDisk _disk;
    private readonly RecordingInProgress _running;
    private readonly Action<string> _whenWritten;
    private readonly Recording _recording;
    private int _parts;
    private long _keptAt;

    /// <param name="library">The library.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="recording">The recording, new or gone on with.</param>
    /// <param name="isNew">It is not in the store yet.</param>
    /// <param name="parts">Parts it has had.</param>
    /// <param name="whenWritten">Told the recording's id when parts of it have been written.</param>
    public RecordingLedger(RecordingLibrary library, RecordingDisk disk, Recording recording, bool isNew, int parts, Action<string> whenWritten)
    {
        _library = library;
        _disk = disk;
        _recording = recording;
        _parts = parts;
        _whenWritten = whenWritten;
        _running = new RecordingInProgress(recording.Id, recording.ChannelId);
        _library.Begin(_running);
        var row = recording with { State = RecordingState.Recording, Reason = "", EndedAt = null };
        _disk.Post(() =>
        {
            if (isNew) _library.Store.Add(row);
            else _library.Store.Update(row);
        });
    }

    public Recording Recording => _recording;

    public int Parts => _parts;

    /// <summary>Why nothing is written now; empty while it is.</summary>
    public string Reason => _running.Reason;

    public RecordingPart NextPart(DateTimeOffset startedAt, IReadOnlyList<RecordedTrack> tracks)
    {
        var part = new RecordingPart(++_parts, startedAt) { State = PartState.Writing, Tracks = tracks };
        _running.Part = part;
        _keptAt = _disk.Time.GetTimestamp();
        _disk.Post(() => _library.Store.Put(_recording.Id, part));
        return part;
    }

    public PartFile OpenFile(RecordingPart part) => new(_disk, _library.FileOf(_recording.ChannelId, _recording.Id, part.Number));

    public void Progress(RecordingPart part)
    {
        _running.Part = part;
        if (_disk.Time.GetElapsedTime(_keptAt) < KeepEvery) return;
        _keptAt = _disk.Time.GetTimestamp();
        _disk.Post(() => _library.Store.Put(_recording.Id, part));
    }

    public void Close(RecordingPart part, PartFile file)
    {
        file.Close(closed =>
        {
            // What never got a whole fragment is no file.
            var row = part with { Size = closed.Length, State = PartState.Written };
            if (closed.HasFragments) _library.Store.Put(_recording.Id, row);
            else _library.DeletePart(new StoredPart(_recording.Id, _recording.ChannelId, row));
            if (_running.Part?.Number == part.Number) _running.Part = null;
            _whenWritten(_recording.Id);
        });
    }

    public void Pause(string reason) => _running.Reason = reason;

    public void Resume() => _running.Reason = "";

    /// <summary>The recording is over; call when its last part has been closed.</summary>
    public void End()
    {
        var reason = _running.Reason;
        _disk.Post(() =>
        {
            var row = _library.Store.Find(_recording.Id);
            if (row is not null)
            {
                _library.Store.Update(row with
                {
                    State = row.Parts.Any(p => p.State != PartState.Failed) ? RecordingState.Finishing : RecordingState.Failed,
                    Reason = reason.Length == 0 && row.Parts.Count == 0 ? RecordingReasons.Empty : reason,
                    EndedAt = _disk.Time.GetUtcNow(),
                });
            }

            _library.End(_running);
            _whenWritten(_recording.Id);
        });
    }
}
