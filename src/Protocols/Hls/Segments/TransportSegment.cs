using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Containers.MpegTs;

namespace Sluice.Protocols.Hls.Segments;

/// <summary>A segment and what decodes it.</summary>
/// <param name="Init">Its initialization section.</param>
/// <param name="Bytes">All its bytes.</param>
public readonly record struct SegmentBytes(MediaInit Init, ReadOnlyMemory<byte> Bytes);

/// <summary>Makes a segment of MPEG-TS of segments of CMAF: one of pictures, and those of sound that begin in its time. The same input gives the same bytes.</summary>
public static class TransportSegment
{
    /// <summary>Makes the segment; null where the lead's format is none that MPEG-TS carries. What is damaged is left out.</summary>
    /// <param name="number">Its media sequence number.</param>
    /// <param name="lead">Pictures; or AAC, where that is all there is.</param>
    /// <param name="sound">AAC beside pictures, in order.</param>
    /// <param name="hasSound">The stream has AAC, whether or not there is some in this segment.</param>
    public static byte[]? Make(long number, in SegmentBytes lead, ReadOnlySpan<SegmentBytes> sound, bool hasSound)
    {
        var format = lead.Init.Format;
        if (!TsSegmentWriter.CanCarry(format)) return null;
        var isPicture = format.Kind == MediaKind.Video;
        var writer = new TsSegmentWriter(isPicture ? format.Codec : Codec.Unknown, hasSound || !isPicture);
        Add(writer, in lead, hasEvents: true);
        foreach (ref readonly var one in sound) Add(writer, in one, hasEvents: false);
        return writer.Finish(number);
    }

    private static void Add(TsSegmentWriter writer, in SegmentBytes segment, bool hasEvents)
    {
        if (!CmafMovie.TryParse(segment.Init.Bytes.Span, out var movie) || movie.Tracks.Count == 0) return;
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        times.Clear();
        var chunks = new CmafChunkReader(segment.Bytes.Span);
        while (chunks.TryRead(out var chunk))
        {
            var frames = new CmafFrameReader(chunk, movie, 0, times);
            var (from, to) = (long.MaxValue, long.MinValue);
            while (frames.TryRead(out _, out var frame, out _))
            {
                (from, to) = (Math.Min(from, frame.DecodeTime), Math.Max(to, frame.DecodeTime));
                // MPEG-TS has nothing shown before it is decoded.
                var delay = segment.Init.Reordering;
                _ = frame.Format.Kind == MediaKind.Video
                    ? writer.TryAddPicture(frame.At(frame.DecodeTime - delay, frame.CompositionOffset + delay))
                    : writer.TryAddSound(in frame);
            }

            var clockRate = segment.Init.Format.ClockRate;
            if (hasEvents && to >= from) AddEvents(writer, chunk, MediaTime.ToMicroseconds(from, clockRate), MediaTime.ToMicroseconds(to, clockRate));
        }
    }

    // Here events lie among the frames, in the order of their times: not outside the chunk they came with.
    private static void AddEvents(TsSegmentWriter writer, ReadOnlySpan<byte> chunk, long from, long to)
    {
        var events = new TimedEventReader(chunk);
        while (events.TryRead(out var timed))
        {
            if (timed.Scheme != TimedEvent.Id3Scheme || timed.PresentationTime > long.MaxValue / 1_000_000) continue;
            writer.TryAddTag(Math.Clamp((long)timed.PresentationTime * 1_000_000 / timed.Timescale, from, to), timed.Message.Span);
        }
    }
}
