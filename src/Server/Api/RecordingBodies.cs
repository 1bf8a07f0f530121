using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Sluice.Server.Api;

/// <summary>Recordings, the newest first.</summary>
/// <param name="Recordings">One page of them.</param>
public sealed record RecordingList(IReadOnlyList<RecordingView> Recordings)
{
    /// <summary>Ask with <c>before</c> set to this for the next page; absent on the last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Next { get; init; }
}

/// <summary>A recording. Duration in seconds, size in bytes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Channel">The channel.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended last; null while it runs.</param>
/// <param name="State">How far it is.</param>
/// <param name="Reason">Why it stopped or failed; empty where all went well.</param>
/// <param name="Duration">Seconds of all parts.</param>
/// <param name="Size">Bytes of all parts.</param>
/// <param name="ClipOf">The recording it was cut from; null where it is no clip.</param>
/// <param name="Tracks">The tracks of the first part.</param>
/// <param name="Parts">Its files.</param>
/// <param name="Play">Where it is played.</param>
public sealed record RecordingView(
    string Id, string Channel, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    [property: AllowedValues("recording", "finishing", "ready", "failed")] string State, string Reason,
    double Duration, long Size, string? ClipOf, IReadOnlyList<RecordedTrackView> Tracks, IReadOnlyList<RecordingPartView> Parts, RecordingUrls Play);

/// <summary>Where a recording is played.</summary>
public sealed record RecordingUrls
{
    /// <summary>A playlist of the files as they lie on the disk; absent until there is one, and for VP8, for which HLS has no form.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hls { get; init; }

    /// <summary>The first part as one file that a video element plays; absent until there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mp4 { get; init; }

    /// <summary>Its first picture; absent until there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Poster { get; init; }

    /// <summary>WebVTT that names a small picture for each time; absent until there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thumbnails { get; init; }
}

/// <summary>One file of a recording.</summary>
public sealed record RecordingPartView(
    int Number, DateTimeOffset StartedAt, [property: AllowedValues("writing", "written", "finished", "failed")] string State,
    double Duration, long Size, long Gaps, string Mp4, string Download);

/// <summary>One track of a recording; what does not apply is null.</summary>
public sealed record RecordedTrackView(
    [property: AllowedValues("video", "audio")] string Kind, string Codec, string CodecString, int? Width, int? Height, int? SampleRate, int? Channels);

/// <summary>Whether a channel's stream is recorded.</summary>
/// <param name="Recording">It is.</param>
/// <param name="Id">The recording; null where there is none.</param>
/// <param name="Reason">Why nothing is written though it should be; empty otherwise.</param>
public sealed record RecordingStatus(bool Recording, string? Id, string Reason);

/// <summary>What to cut out: seconds from the beginning of the recording, or, below zero, from its end as it is now.</summary>
/// <param name="Start">Where the clip begins.</param>
/// <param name="End">Where it ends; absent is the end.</param>
public sealed record ClipBody(double Start, double? End = null);
