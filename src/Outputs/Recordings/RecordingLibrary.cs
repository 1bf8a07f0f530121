using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>What was recorded and what is being recorded on this node: the store's rows with what grows now laid over them, and where the files are. Any thread.</summary>
public sealed class RecordingLibrary
{
    /// <summary>What files are called until they are whole.</summary>
    internal const string UnfinishedExtension = ".unfinished";

    private readonly IRecordingStore _store;
    private readonly ConcurrentDictionary<string, RecordingInProgress> _running = new(StringComparer.Ordinal);

    /// <param name="store">Where rows are kept.</param>
    /// <param name="root">The folder of all recordings.</param>
    public RecordingLibrary(IRecordingStore store, string root)
    {
        _store = store;
        Root = Path.GetFullPath(root);
    }

    /// <summary>Raised when a part that the object store has was deleted here.</summary>
    public event Action<StoredPart>? UploadedRemoved;

    /// <summary>The folder of all recordings.</summary>
    public string Root { get; }

    /// <summary>The rows.</summary>
    public IRecordingStore Store => _store;

    /// <summary>The folder of a recording. Both ids are checked: no path is ever made of anything else.</summary>
    public string FolderOf(string channelId, string recordingId)
    {
        if (!Control.Channels.ChannelId.IsValid(channelId) || !RecordingId.IsValid(recordingId)) throw new ArgumentException("Not the ids of a recording.");
        return Path.Combine(Root, channelId, recordingId);
    }

    /// <summary>The file of a part.</summary>
    public string FileOf(string channelId, string recordingId, int number) =>
        Path.Combine(FolderOf(channelId, recordingId), string.Create(CultureInfo.InvariantCulture, $"{number:D4}.mp4"));

    /// <summary>One recording as it is now, or null.</summary>
    public Recording? Find(string id) => RecordingId.IsValid(id) && _store.Find(id) is { } stored ? Overlay(stored) : null;

    /// <summary>Recordings as they are now, the newest first.</summary>
    public IReadOnlyList<Recording> List(string? channelId, string? before, int limit) => [.. _store.List(channelId, before, limit).Select(Overlay)];

    /// <summary>True while a recorder has it.</summary>
    public bool IsRunning(string id) => _running.ContainsKey(id);

    /// <summary>What a channel's recorder writes now, or null.</summary>
    public Recording? FindRunning(string channelId) =>
        _running.Values.FirstOrDefault(r => r.ChannelId == channelId) is { } running ? Find(running.Id) : null;

    /// <summary>
    /// Deletes a recording with its files. False where there is none, or it is being written. Who downloads it keeps what the system keeps for an open file.
    /// </summary>
    public bool TryDelete(string id)
    {
        if (IsRunning(id) || !RecordingId.IsValid(id) || _store.Find(id) is not { } recording) return false;
        _store.Remove(id);
        DeleteFolder(FolderOf(recording.ChannelId, id));
        foreach (var part in recording.Parts.Where(p => p.IsUploaded))
        {
            UploadedRemoved?.Invoke(new StoredPart(id, recording.ChannelId, part));
        }

        return true;
    }

    /// <summary>Deletes one part with its files, and the recording with its last.</summary>
    public void DeletePart(StoredPart part)
    {
        DeleteFile(part, onlyMedia: false);
        _store.RemovePart(part.RecordingId, part.Part.Number);
        if (part.Part.IsUploaded) UploadedRemoved?.Invoke(part);
        if (_store.Find(part.RecordingId) is { Parts.Count: 0 } empty && !IsRunning(empty.Id)) TryDelete(empty.Id);
    }

    /// <summary>Deletes the file of a part that the object store has.</summary>
    public void DeleteLocal(StoredPart part)
    {
        _store.Put(part.RecordingId, part.Part with { IsLocal = false });
        DeleteFile(part, onlyMedia: true);
    }

    internal void Begin(RecordingInProgress running) => _running[running.Id] = running;

    internal void End(RecordingInProgress running) => _running.TryRemove(new(running.Id, running));

    private void DeleteFile(StoredPart part, bool onlyMedia)
    {
        var file = FileOf(part.ChannelId, part.RecordingId, part.Part.Number);
        var name = Path.GetFileNameWithoutExtension(file);
        if (!Directory.Exists(Path.GetDirectoryName(file))) return;
        foreach (var beside in Directory.GetFiles(Path.GetDirectoryName(file)!, name + ".*"))
        {
            // Pictures stay as long as the part is listed.
            if (!onlyMedia || beside == file) File.Delete(beside);
        }
    }

    private static void DeleteFolder(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            var parent = Path.GetDirectoryName(folder)!;
            if (!Directory.EnumerateFileSystemEntries(parent).Any()) Directory.Delete(parent);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was written yet, or somebody deleted it by hand.
        }
    }

    private Recording Overlay(Recording stored)
    {
        if (!_running.TryGetValue(stored.Id, out var running)) return stored;
        var part = running.Part;
        var parts = part is null ? stored.Parts : [.. stored.Parts.Where(p => p.Number != part.Number), part];
        return stored with { State = RecordingState.Recording, Reason = running.Reason, EndedAt = null, Parts = parts };
    }
}

/// <summary>A recording that a recorder writes: the part that grows, as a snapshot the recorder replaces.</summary>
internal sealed class RecordingInProgress(string id, string channelId)
{
    public string Id => id;

    public string ChannelId => channelId;

    /// <summary>The part that grows; null between two.</summary>
    public RecordingPart? Part { get; set => Volatile.Write(ref field, value); }

    /// <summary>Why nothing is written now; empty while it is.</summary>
    public string Reason { get; set => Volatile.Write(ref field, value); } = "";
}
