namespace Sluice.Control.Recordings;

/// <summary>How far a recording is.</summary>
public enum RecordingState
{
    /// <summary>Its stream is on, and it grows.</summary>
    Recording = 0,

    /// <summary>It has ended; its files are being made plain ones.</summary>
    Finishing = 1,

    /// <summary>Every part is a finished file.</summary>
    Ready = 2,

    /// <summary>Nothing of it can be played; <see cref="Recording.Reason"/> says why.</summary>
    Failed = 3,
}

/// <summary>How far one file is.</summary>
public enum PartState
{
    /// <summary>It is being written, or was when the node died.</summary>
    Writing = 0,

    /// <summary>Whole, and playable as it is: a fragmented file.</summary>
    Written = 1,

    /// <summary>A plain file that seeks at once.</summary>
    Finished = 2,

    /// <summary>It holds nothing that can be played.</summary>
    Failed = 3,
}

/// <summary>One track of a part.</summary>
/// <param name="Kind"><c>video</c> or <c>audio</c>.</param>
/// <param name="Codec">The codec's name.</param>
/// <param name="CodecString">As browsers are asked for it, such as <c>avc1.64001f</c>.</param>
/// <param name="Width">Width of the picture, 0 for sound.</param>
/// <param name="Height">Height of the picture, 0 for sound.</param>
/// <param name="SampleRate">Ticks in a second of sound, 0 for pictures.</param>
/// <param name="Channels">Channels of sound, 0 for pictures.</param>
public sealed record RecordedTrack(string Kind, string Codec, string CodecString, int Width, int Height, int SampleRate, int Channels);

/// <summary>One file of a recording.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="StartedAt">The wall-clock time of its first frame.</param>
public sealed record RecordingPart(int Number, DateTimeOffset StartedAt)
{
    public PartState State { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>How often frames were left out because the disk or the reader was too slow.</summary>
    public long Gaps { get; init; }

    public IReadOnlyList<RecordedTrack> Tracks { get; init; } = [];

    /// <summary>True where its object lies in the object store, whole and verified.</summary>
    public bool IsUploaded { get; init; }

    /// <summary>False where only the object store has it.</summary>
    public bool IsLocal { get; init; } = true;
}

/// <summary>What was recorded of one stream, over the publisher's short absences; or a clip.</summary>
/// <param name="Id">See <see cref="RecordingId"/>.</param>
/// <param name="ChannelId">The channel.</param>
/// <param name="StartedAt">When it began.</param>
public sealed record Recording(string Id, string ChannelId, DateTimeOffset StartedAt)
{
    public RecordingState State { get; init; }

    /// <summary>Why it stopped or failed, in words; empty where all went well.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The recording this is a clip of; null for others.</summary>
    public string? ClipOf { get; init; }

    /// <summary>When it ended last; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Its files, by number.</summary>
    public IReadOnlyList<RecordingPart> Parts { get; init; } = [];

    /// <summary>What its parts last together.</summary>
    public TimeSpan Duration => Parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Duration);

    /// <summary>Bytes of all parts.</summary>
    public long Size => Parts.Sum(part => part.Size);
}
