using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Offers, for sound in AAC, Opus, and the other way about; for pictures in H.264 or H.265, H.264 without reordering. Nothing where there is no converter.
/// </summary>
/// <param name="workshop">Where they are made.</param>
/// <param name="slab">Where logs take their memory from.</param>
/// <param name="converters">What makes packets of frames.</param>
public sealed class RenditionPlanner(TranscodingWorkshop workshop, Slab slab, ITrackConverters? converters) : IRenditionPlanner
{
    /// <inheritdoc />
    public IReadOnlyList<Track> Plan(LiveChannel channel, IReadOnlyList<Track> tracks)
    {
        if (workshop.Tool is not { } tool) return [];
        var offered = new List<Track>();
        foreach (var track in tracks)
        {
            if (KindFor(track, tool) is { } kind) offered.Add(Make(channel, track, kind));
        }

        return offered;
    }

    private static RenditionKind? KindFor(Track track, FfmpegTool tool)
    {
        var codec = track.Format?.Codec ?? track.Frames.Format?.Codec ?? Codec.Unknown;

        // Sound by WebRTC is Opus, said or not; pictures that have not begun may be anything.
        if (codec == Codec.Unknown && track.Id.Kind == MediaKind.Audio && track.Native == TrackFace.Packets) codec = Codec.Opus;
        return codec switch
        {
            Codec.Aac when tool.EncodesOpus => RenditionKind.Opus,
            Codec.Opus when tool.EncodesAac => RenditionKind.Aac,
            Codec.H264 or Codec.H265 when tool.EncodesH264 && track.Id.EncodingId.Length == 0 => RenditionKind.PlainVideo,
            _ => null,
        };
    }

    private Track Make(LiveChannel channel, Track origin, RenditionKind kind)
    {
        var id = origin.Id with { EncodingId = RenditionFormats.EncodingIdOf(kind) };
        var limits = id.Kind == MediaKind.Video ? PacketLogLimits.Video : PacketLogLimits.Audio;
        var rendition = new Track(id, slab, limits) { Native = TrackFace.Frames, Origin = origin, Converters = converters };
        rendition.Describe(RenditionFormats.TrackFormatOf(kind));
        if (RenditionFormats.FrameFormatOf(kind) is { } format) rendition.Frames.Describe(format);
        workshop.Attend(channel, rendition, kind);
        return rendition;
    }
}
