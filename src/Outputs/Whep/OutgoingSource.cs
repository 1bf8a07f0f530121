using Sluice.Control.Tracks;

namespace Sluice.Outputs.Whep;

/// <summary>
/// What a viewer's track is fed from, and by how much the source's numbers are shifted so that the viewer sees one unbroken stream over
/// layer changes, takeovers and the publisher's returns.
/// </summary>
/// <param name="Track">The rendition.</param>
/// <param name="FirstSequence">The source's sequence number of the first packet sent; earlier ones belong to a picture not begun.</param>
/// <param name="SequenceShift">Added to the source's sequence number.</param>
/// <param name="TimestampShift">Added to the source's timestamp.</param>
/// <param name="PictureRun">The run of picture ids (<c>PictureIdRewriter.Switch</c>).</param>
internal sealed record OutgoingSource(Track Track, long FirstSequence, long SequenceShift, long TimestampShift, int PictureRun)
{
    public long FirstOut => FirstSequence + SequenceShift;
}
