using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Outputs.Hls;

/// <summary>One segment as MPEG-TS: what it is made of is settled, its bytes are made when the first asks.</summary>
public sealed class HlsTransportSegment
{
    private readonly Lock _gate = new();
    private readonly Source _lead;
    private readonly Source[] _sound;
    private readonly bool _hasSound;
    private Task<byte[]?>? _bytes;

    internal HlsTransportSegment(HlsRendition lead, MediaSegment segment, HlsRendition? sound, IEnumerable<MediaSegment> sounds)
    {
        _lead = new Source(lead, segment);
        _sound = sound is null ? [] : [.. sounds.Select(s => new Source(sound, s))];
        _hasSound = sound is not null;
        Entry = new TransportEntry(segment.Sequence, segment.Discontinuities, segment.CapturedAt, segment.Duration);
    }

    private readonly record struct Source(HlsRendition Rendition, MediaSegment Segment)
    {
        // From memory at the live edge, from disk behind it.
        public async Task<SegmentBytes?> ReadAsync()
        {
            if (Segment.Whole is { } whole) return new SegmentBytes(Segment.Init!, whole);
            if (Rendition.FileOf(Segment.Sequence) is not { } file) return null;
            try
            {
                return new SegmentBytes(Segment.Init!, await File.ReadAllBytesAsync(file.Path));
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>Its line in the playlist.</summary>
    public TransportEntry Entry { get; }

    /// <summary>Bytes that were made and are held.</summary>
    internal long HeldBytes => Volatile.Read(ref _bytes) is { IsCompletedSuccessfully: true, Result: { } bytes } ? bytes.Length : 0;

    /// <summary>The segment, made once for all who ask; null where what it is made of is not to be had any more.</summary>
    public Task<byte[]?> ReadAsync()
    {
        lock (_gate) return _bytes ??= Task.Run(MakeAsync);
    }

    /// <summary>Lets go of the bytes; whoever asks again has them made again.</summary>
    internal void Release()
    {
        lock (_gate) _bytes = null;
    }

    private async Task<byte[]?> MakeAsync()
    {
        if (await _lead.ReadAsync() is not { } lead) return null;
        var sound = new List<SegmentBytes>(_sound.Length);
        foreach (var source in _sound)
        {
            if (await source.ReadAsync() is not { } bytes) return null;
            sound.Add(bytes);
        }

        return TransportSegment.Make(Entry.Sequence, lead, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sound), _hasSound);
    }
}
