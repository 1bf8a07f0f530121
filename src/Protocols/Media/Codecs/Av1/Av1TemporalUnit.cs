namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>What a scan over a temporal unit found.</summary>
/// <param name="IsWellFormed">Every byte belonged to a unit.</param>
/// <param name="HasSequenceHeader">It carries a readable sequence header.</param>
/// <param name="HasKeyframe">It carries a keyframe; with a sequence header decoding can begin here.</param>
/// <param name="SequenceHeader">The sequence header, if any.</param>
public readonly record struct Av1TemporalUnit(bool IsWellFormed, bool HasSequenceHeader, bool HasKeyframe, Av1SequenceHeader SequenceHeader)
{
    /// <summary>Looks through a temporal unit in the low-overhead format. Stops at damage and keeps what came before.</summary>
    public static Av1TemporalUnit Scan(ReadOnlySpan<byte> temporalUnit)
    {
        var sequence = default(Av1SequenceHeader);
        var hasSequence = false;
        var hasKeyframe = false;
        var reader = new Av1ObuReader(temporalUnit);
        while (reader.TryRead(out var obu))
        {
            if (obu.Header.Type == Av1ObuType.SequenceHeader)
            {
                hasSequence |= Av1SequenceHeader.TryParse(obu.Payload, out sequence);
            }
            else
            {
                hasKeyframe |= StartsKeyframe(obu.Header.Type, obu.Payload, hasSequence && sequence.IsReducedStill);
            }
        }

        return new Av1TemporalUnit(!reader.Malformed, hasSequence, hasKeyframe, sequence);
    }

    /// <summary>
    /// True where the payload of a frame or frame header unit is that of a new keyframe: show_existing_frame 0, frame_type 0 (AV1 §5.9.2).
    /// </summary>
    /// <param name="type">The unit's type.</param>
    /// <param name="payload">The unit's payload; its first byte suffices.</param>
    /// <param name="isReducedStill">The sequence header's flag.</param>
    public static bool StartsKeyframe(Av1ObuType type, ReadOnlySpan<byte> payload, bool isReducedStill) =>
        type is Av1ObuType.Frame or Av1ObuType.FrameHeader && !payload.IsEmpty && (isReducedStill || (payload[0] & 0xe0) == 0);
}
