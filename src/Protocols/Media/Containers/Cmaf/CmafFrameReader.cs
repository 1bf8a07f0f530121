using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// Gives the frames of one fragment in memory, track by track. The payloads are slices of the bytes given. What is damaged ends it; it never
/// throws.
/// </summary>
public ref struct CmafFrameReader
{
    private readonly ReadOnlySpan<byte> _fragment;
    private readonly long _offset;
    private readonly CmafMovie _movie;
    private FragmentReader _samples;

    /// <param name="fragment">The fragment: whatever goes before its <c>moof</c>, that, and its <c>mdat</c>.</param>
    /// <param name="movie">The movie of its initialization segment.</param>
    /// <param name="offset">Where it begins in its file; of meaning where offsets count from the file's begin, as some files have it.</param>
    /// <param name="times">
    /// Where the tracks' decoding times go on should a fragment not say; moved on by reading. At least as many as tracks.
    /// </param>
    public CmafFrameReader(ReadOnlySpan<byte> fragment, CmafMovie movie, long offset, Span<long> times)
    {
        _fragment = fragment;
        _offset = offset;
        _movie = movie;
        if (BoxReader.TryFind(fragment, BoxType.Moof, out var moof))
        {
            _samples = new FragmentReader(moof.Payload, offset + moof.Offset, movie, times);
        }
        else
        {
            Malformed = true;
        }
    }

    /// <summary>There is no fragment, or it is damaged, or says that samples lie elsewhere; nothing more is read.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next frame; false at the end and at damage.</summary>
    /// <param name="track">Its track's place in the movie.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="duration">How long it lasts, in its track's ticks.</param>
    public bool TryRead(out int track, out Frame frame, out long duration)
    {
        track = -1;
        frame = default;
        duration = 0;
        if (Malformed) return false;
        if (!_samples.TryRead(out var sample))
        {
            Malformed = _samples.Malformed;
            return false;
        }

        var at = sample.Offset - _offset;
        if (at < 0 || at > _fragment.Length - sample.Size)
        {
            Malformed = true;
            return false;
        }

        track = sample.Track;
        duration = sample.Duration;
        frame = new Frame
        {
            Format = _movie.Tracks[track].Format,
            DecodeTime = sample.Time,
            CompositionOffset = sample.CompositionOffset,
            Flags = SampleFlags.ToFrame(sample.Flags),
            Payload = _fragment.Slice((int)at, sample.Size),
        };
        return true;
    }
}
