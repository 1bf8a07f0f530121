using System.Globalization;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>How a stream arrives, and what its streamer could set better.</summary>
/// <param name="Bitrate">Bits a second of all tracks.</param>
/// <param name="FramesPerSecond">Pictures a second of the first video track.</param>
/// <param name="KeyframeSeconds">The longest media time between its last keyframes; null while unknown.</param>
/// <param name="HasBFrames">Pictures are shown in another order than they are decoded in.</param>
/// <param name="SkewMilliseconds">How much later sound comes for its time than the picture; null where that cannot be told.</param>
/// <param name="Advice">What to set, in words; empty where all is well.</param>
public sealed record StreamHealth(
    long Bitrate, double FramesPerSecond, double? KeyframeSeconds, bool HasBFrames, double? SkewMilliseconds, IReadOnlyList<string> Advice)
{
    private const double LongKeyframeSeconds = 4.5;
    private const double LargeSkew = 200;
    private const double HighBitrate = 15e6;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OverdueKeyframe = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(3);

    /// <summary>Looks at a stream. Any thread.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="now">The time on the drivers' clock.</param>
    public static StreamHealth Examine(LiveStream stream, Instant now)
    {
        var video = stream.Find(MediaKind.Video, 0);
        var audio = stream.Find(MediaKind.Audio, 0);
        var bitrate = stream.Tracks.Sum(static t => t.Statistics.Bitrate);
        var interval = video?.Health.KeyframeInterval.TotalSeconds is > 0 and var seconds ? seconds : (double?)null;

        // Tracks of RTP count from numbers of their own; only their reports put them on one clock. What has stopped coming is not late.
        var sharesClock = video is { Native: TrackFace.Frames } && audio is { Native: TrackFace.Frames } && !IsAbsent(video, now) && !IsAbsent(audio, now);
        var skew = sharesClock && video!.Health.Lag is { } lag && audio!.Health.Lag is { } other ? (other - lag).TotalMilliseconds : (double?)null;
        var advice = new List<string>();
        if (video is not null) LookAtPictures(video, interval, now, advice);
        if (video is not null && audio is null) advice.Add("There is no sound: if there should be, look at the encoder's audio settings.");
        if (audio is not null && video is null) advice.Add("There is no picture: if there should be, look at the encoder's video settings.");
        if (audio is not null && IsAbsent(audio, now))
            advice.Add(Say($"No sound has come for {(now - audio.Statistics.LastPacket).TotalSeconds:0} s: look at the encoder and at the connection to it."));
        if (skew is > LargeSkew)
            advice.Add(Say($"Sound comes {skew:0} ms after the picture it belongs to: check the encoder's audio sync offset and the clock of the sound device."));
        if (skew is < -LargeSkew)
            advice.Add(Say($"Sound comes {-skew:0} ms before the picture it belongs to: the encoder holds pictures back; lower its buffering or lookahead."));
        if (bitrate > HighBitrate)
            advice.Add(Say($"The stream has {bitrate / 1e6:0} Mbit/s, more than many viewers can receive: 4 to 8 Mbit/s suit most."));
        return new StreamHealth(
            (long)bitrate, Math.Round(video?.Statistics.FramesPerSecond ?? 0, 1), interval is { } s ? Math.Round(s, 2) : null,
            video?.HasReordering ?? false, skew is { } ms ? Math.Round(ms, 1) : null, advice);
    }

    private static void LookAtPictures(Track video, double? interval, Instant now, List<string> advice)
    {
        // One that makes keyframes when asked makes none for the time of day.
        if (interval > LongKeyframeSeconds && !video.MakesKeyframes)
        {
            advice.Add(Say($"A keyframe comes every {interval:0} s: set the encoder's keyframe interval to 2 s, so that viewers see a picture at once."));
        }
        else if (video.Statistics.LastKeyframe is var last && last != Instant.Never && now - last > OverdueKeyframe && !video.MakesKeyframes)
        {
            advice.Add(Say($"No keyframe has come for {(now - last).TotalSeconds:0} s: set the encoder's keyframe interval to 2 s."));
        }

        if (video.HasReordering)
            advice.Add("The pictures have B-frames, which browsers cannot play at low latency as they are: set B-frames to 0 in the encoder (x264: tune zerolatency).");
        if (IsAbsent(video, now))
            advice.Add(Say($"No picture has come for {(now - video.Statistics.LastPacket).TotalSeconds:0} s: look at the encoder and at the connection to it."));
        else if (video.Health.LongestPause > Stall)
            advice.Add(Say($"Pictures stopped coming for {video.Health.LongestPause.TotalSeconds:0.0} s: the upload stalls; lower the bitrate or use a cable."));
    }

    // A browser that shares a screen sends nothing while nothing changes; it still answers when asked.
    private static bool IsAbsent(Track track, Instant now) =>
        track.Statistics.LastPacket is var last && last != Instant.Never && now - last > Absence && !track.MakesKeyframes;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
