using Sluice.Control.Recordings;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Recordings;

/// <summary>Reads recordings for players: files, and where their fragments lie. Keeps the indexes that were asked for last. Any thread.</summary>
public sealed class RecordingFiles(RecordingLibrary library)
{
    private const int MaxKept = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private long _clock;

    /// <summary>Opens the file of a part for reading; null where this disk has none.</summary>
    public FileStream? Open(Recording recording, int number)
    {
        try
        {
            return new FileStream(library.FileOf(recording.ChannelId, recording.Id, number), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The parts of a recording that can be played fragment by fragment.</summary>
    public IReadOnlyList<PlaylistPart> Fragmented(Recording recording)
    {
        var parts = new List<PlaylistPart>();
        foreach (var part in recording.Parts)
        {
            if (part.State != PartState.Failed && Index(recording, part) is { } found) parts.Add(found);
        }

        return parts;
    }

    /// <summary>File type and movie box of a part, as a player wants them before the first fragment; null where it has none.</summary>
    public byte[]? Init(Recording recording, int number)
    {
        using var file = Open(recording, number);
        if (file is null || CmafIndex.TryOpen(file, out var index) != CmafOpenError.None) return null;
        var size = new byte[4];
        file.Position = 0;
        if (file.ReadAtLeast(size, 4, throwOnEndOfStream: false) < 4) return null;
        var typeLength = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(size);
        if (typeLength is < 8 or > 1024) return null;
        var init = new byte[typeLength + index!.InitLength];
        file.Position = 0;
        file.ReadExactly(init, 0, typeLength);
        file.Position = index.InitOffset;
        file.ReadExactly(init, typeLength, (int)index.InitLength);
        return init;
    }

    private PlaylistPart? Index(Recording recording, RecordingPart part)
    {
        var path = library.FileOf(recording.ChannelId, recording.Id, part.Number);
        Kept kept;
        lock (_gate)
        {
            if (!_kept.TryGetValue(path, out kept!))
            {
                if (_kept.Count >= MaxKept) _kept.Remove(_kept.MinBy(k => k.Value.UsedAt).Key);
                _kept[path] = kept = new Kept();
            }

            kept.UsedAt = ++_clock;
        }

        // Players of one recording wait for each other while it is read; those of others do not.
        lock (kept)
        {
            using var file = Open(recording, part.Number);
            if (file is null)
            {
                lock (_gate) _kept.Remove(path);
                return null;
            }

            if (kept.Index is null && CmafIndex.TryOpen(file, out kept.Index) != CmafOpenError.None) return null;
            if (part.State == PartState.Writing) kept.Index!.ReadOn(file);
            else if (!kept.IsWhole && CmafIndex.TryOpen(file, out kept.Index) != CmafOpenError.None) return null;
            kept.IsWhole = part.State != PartState.Writing;

            // The list grows while it is read on; what is given out does not.
            return new PlaylistPart(part.Number, part.StartedAt, kept.IsWhole ? kept.Index!.Fragments : [.. kept.Index!.Fragments], kept.Index!.Movie)
            {
                Lead = recording.ClipOf is null ? TimeSpan.Zero : PartFinisher.LeadOf(kept.Index, part.Duration),
            };
        }
    }

    private sealed class Kept
    {
        public CmafIndex? Index;

        public bool IsWhole { get; set; }

        public long UsedAt { get; set; }
    }
}
