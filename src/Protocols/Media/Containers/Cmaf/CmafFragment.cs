using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>What became of a frame given to a fragment.</summary>
public enum FragmentAdd : byte
{
    /// <summary>It is in.</summary>
    Added = 0,

    /// <summary>The fragment has no room; write it and give the frame again.</summary>
    Full,

    /// <summary>Its decoding time does not lie after its track's last frame, or lies too far after it, or before 0.</summary>
    TimeIsWrong,

    /// <summary>It is of another format than its track: a new initialization segment is due.</summary>
    FormatChanged,
}

/// <summary>Which box says that a piece of a stream begins here.</summary>
public enum FragmentStart : byte
{
    /// <summary>None: parts within a segment, recordings.</summary>
    None = 0,

    /// <summary>A segment type box of a CMAF segment.</summary>
    Segment,

    /// <summary>A segment type box of a CMAF chunk.</summary>
    Chunk,
}

/// <summary>The wall-clock time of a frame (ISO/IEC 14496-12 §8.16.5): when it reached the encoder.</summary>
/// <param name="Time">That time.</param>
/// <param name="MediaTime">The frame's decoding time in its track's ticks.</param>
public readonly record struct ProducerTime(NtpTime Time, long MediaTime);

/// <summary>An event in the stream (ISO/IEC 23009-1 §5.10.3.3, version 1): ID3 and other timed metadata.</summary>
/// <param name="Scheme">The URI that says what the message is; <see cref="Id3Scheme"/> for ID3.</param>
/// <param name="Value">What the scheme defines it to be.</param>
/// <param name="Id">Number of the event; one sent again has the same.</param>
/// <param name="Timescale">Ticks in a second of the two times.</param>
/// <param name="PresentationTime">When it begins, on the media's time line.</param>
/// <param name="Duration">How long it lasts; <see cref="uint.MaxValue"/> where unknown.</param>
/// <param name="Message">The message; not copied.</param>
public sealed record TimedEvent(
    string Scheme, string Value, uint Id, uint Timescale, ulong PresentationTime, uint Duration, ReadOnlyMemory<byte> Message)
{
    /// <summary>The scheme under which players take ID3 tags.</summary>
    public const string Id3Scheme = "https://aomedia.org/emsg/ID3";
}

/// <summary>What goes before a fragment.</summary>
public readonly ref struct FragmentPrefix
{
    /// <summary>Whether and how the piece is announced.</summary>
    public FragmentStart Start { get; init; }

    /// <summary>The wall-clock time of a frame of the first track that has frames; null writes none.</summary>
    public ProducerTime? ProducerTime { get; init; }

    /// <summary>Events, written in their order.</summary>
    public ReadOnlySpan<TimedEvent> Events { get; init; }
}

/// <summary>What was written as one fragment.</summary>
/// <param name="Length">Bytes of all its boxes; 0 where there were no frames and nothing was written.</param>
/// <param name="Frames">Frames of all tracks.</param>
/// <param name="DecodeTime">Decoding time of the first frame of the first track that has frames, in that track's ticks.</param>
/// <param name="Duration">Duration of that track's frames, in its ticks.</param>
/// <param name="IsIndependent">Every track in it begins with a frame at which decoding can begin.</param>
public readonly record struct FragmentWritten(int Length, int Frames, long DecodeTime, long Duration, bool IsIndependent);
