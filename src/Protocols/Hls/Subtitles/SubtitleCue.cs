namespace Sluice.Protocols.Hls.Subtitles;

/// <summary>A text to be read, and when.</summary>
/// <param name="Id">Its number; players know by it that what two segments say is the same cue.</param>
/// <param name="From">When it appears, in microseconds of the channel's time line.</param>
/// <param name="To">When it is gone.</param>
/// <param name="Text">Plain text, whatever is in it.</param>
public readonly record struct SubtitleCue(long Id, long From, long To, string Text)
{
    /// <summary>It is to be seen at some time between these two; the second not included.</summary>
    public bool IsSeen(long from, long to) => From < to && To > from;
}
