using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Server.Live;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Media;

/// <summary>The API's figures, read from Control's live state.</summary>
internal sealed class LiveStreams(LiveChannels channels, TranscodingWorkshop workshop, TimeProvider time) : ILiveStreams
{
    public IReadOnlyList<StreamFigures> All() => [.. channels.All().Select(Describe).OfType<StreamFigures>().OrderByDescending(s => s.Viewers)];

    public StreamFigures? Find(string channelId) => channels.Find(channelId) is { } channel ? Describe(channel) : null;

    public IReadOnlyList<ViewerFigures> Viewers(string channelId) =>
        channels.Find(channelId) is { } channel ? [.. channel.Viewers().Select(v => Describe(v.Observe()))] : [];

    public PublishErrorFigures? LastPublishError(string channelId) =>
        channels.Find(channelId)?.LastRefusal is { } refusal ? new PublishErrorFigures(refusal.At, refusal.Protocol, refusal.Reason) : null;

    private static HealthFigures Describe(StreamHealth health) => new(
        health.Bitrate, health.FramesPerSecond, health.KeyframeSeconds, health.HasBFrames, health.SkewMilliseconds, health.Advice);

    private static ViewerFigures Describe(ViewerSnapshot viewer) => new(
        viewer.Id, viewer.Protocol, viewer.Since, viewer.PacketsSent, viewer.PacketsRetransmitted, viewer.NacksReceived, viewer.PlisReceived,
        viewer.RoundTrip.TotalMilliseconds, viewer.Jitter.TotalMilliseconds, viewer.FractionLost,
        viewer.EncodingId.Length == 0 ? null : viewer.EncodingId);

    private StreamFigures? Describe(LiveChannel channel)
    {
        if (channel.Stream is not { } stream) return null;
        var publisher = new PublisherFigures(
            stream.Publication.Protocol,
            (long)stream.Tracks.Sum(t => t.Statistics.Bitrate),
            stream.Tracks.Sum(t => t.Statistics.Packets),
            stream.Tracks.Sum(t => t.Statistics.PacketsLost),
            stream.Tracks.Sum(t => t.Statistics.PacketsNacked),
            stream.Publication.RoundTrip.TotalMilliseconds,
            stream.Tracks.Select(t => t.Statistics.Jitter).DefaultIfEmpty().Max().TotalMilliseconds);
        return new StreamFigures(channel.ChannelId, channel.ChannelId, "", stream.StartedAt, channel.ViewerCount,
            publisher, [.. stream.Tracks.Select(Describe)]) 
        {
            Health = Describe(StreamHealth.Examine(stream, MonotonicClock.Now)),
            Renditions = stream.Offered.Count == 0 ? null : [.. workshop.Observe(stream).Select(Describe)],
        };
    }

    private static RenditionFigures Describe(RenditionSnapshot rendition) => new(
        rendition.Track.ToString(), NameOf(rendition.Codec), rendition.State.ToString().ToLowerInvariant(), rendition.Restarts,
        rendition.Frames, rendition.Skipped, Math.Round(rendition.Cpu, 3), rendition.LastError);

    private TrackFigures Describe(Track track)
    {
        var isVideo = track.Id.Kind == MediaKind.Video;
        var size = track.Resolution;
        return new TrackFigures(
            track.Id.ToString(),
            isVideo ? "video" : "audio",
            track.Format is { } format ? NameOf(format.Codec) : "",
            track.Id.EncodingId.Length == 0 ? null : track.Id.EncodingId,
            isVideo && !size.IsEmpty ? size.Width : null,
            isVideo && !size.IsEmpty ? size.Height : null,
            isVideo ? Math.Round(track.Statistics.FramesPerSecond, 1) : null,
            (long)track.Statistics.Bitrate,
            TimeOf(track.Statistics.LastKeyframe));
    }

    // SDP has a name for AAC that nobody would look for.
    private static string NameOf(Codec codec) => codec == Codec.Aac ? "AAC" : CodecFacts.NameOf(codec);

    private DateTimeOffset? TimeOf(Instant instant) =>
        instant == Instant.Never ? null : time.GetUtcNow() - (MonotonicClock.Now - instant);
}
