using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Sluice.Server.Live;

/// <summary>What is live now, as plain figures: a snapshot taken when it is asked for. Calls are safe from any thread and cheap.</summary>
public interface ILiveStreams
{
    /// <summary>Every live stream.</summary>
    IReadOnlyList<StreamFigures> All();

    /// <summary>The live stream of a channel, or null.</summary>
    StreamFigures? Find(string channelId);

    /// <summary>The viewers of a channel; empty where nobody watches.</summary>
    IReadOnlyList<ViewerFigures> Viewers(string channelId);

    /// <summary>Why the last publisher of a channel was turned away; null where none was.</summary>
    PublishErrorFigures? LastPublishError(string channelId);
}

/// <summary>One live stream.</summary>
public sealed record StreamFigures(
    string Channel, string Name, string Title, DateTimeOffset StartedAt, int Viewers, PublisherFigures Publisher, IReadOnlyList<TrackFigures> Tracks)
{
    /// <summary>What the streamer should know; absent where nothing is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthFigures? Health { get; init; }

    /// <summary>What is made of the stream on demand; absent where nothing can be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RenditionFigures>? Renditions { get; init; }
}

/// <summary>
/// A rendition made on demand. Restarts are children that died; frames skipped are those of the source passed over because the child was too slow; cpu is in cores.
/// </summary>
public sealed record RenditionFigures(
    string Track, string Codec, [property: AllowedValues("idle", "running", "lingering", "restarting", "refused", "failed")] string State, int Restarts,
    long Frames, long FramesSkipped, double Cpu, string? LastError);

/// <summary>What a streamer should know of the stream. Bitrate in bits per second; skew is how much later sound comes for its time than the picture.</summary>
public sealed record HealthFigures(
    long Bitrate, double FramesPerSecond, double? KeyframeSeconds, bool HasBFrames, double? SkewMilliseconds, IReadOnlyList<string> Advice);

/// <summary>Why a publisher was turned away or put out.</summary>
public sealed record PublishErrorFigures(DateTimeOffset At, string Protocol, string Reason);

/// <summary>How the stream arrives. Bitrate in bits per second.</summary>
public sealed record PublisherFigures(
    string Protocol, long Bitrate, long PacketsReceived, long PacketsLost, long PacketsNacked, double RoundTripMilliseconds, double JitterMilliseconds);

/// <summary>One track as it arrives; width, height and rate are null where they are not known or it is audio.</summary>
public sealed record TrackFigures(
    string Id, [property: AllowedValues("video", "audio")] string Kind, string Codec, string? Rid, int? Width, int? Height, double? FramesPerSecond, long Bitrate, DateTimeOffset? LastKeyframeAt);

/// <summary>One viewer. It has no address: the list is for judging quality, not for finding people.</summary>
public sealed record ViewerFigures(
    string Id, string Protocol, DateTimeOffset Since, long PacketsSent, long PacketsRetransmitted, long NacksReceived, long PlisReceived,
    double RoundTripMilliseconds, double JitterMilliseconds, double FractionLost, string? Layer);
