namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// The counters in a VP8 or VP9 payload descriptor that a viewer expects to be continuous, and the offsets in the payload where they stand.
/// An offset of 0 means that the descriptor has no such field.
/// </summary>
/// <param name="PictureIdOffset">Where the picture id stands.</param>
/// <param name="PictureIdBits">7 or 15; 0 where absent.</param>
/// <param name="PictureId">The picture id: one more for each frame, wrapping.</param>
/// <param name="Tl0Offset">Where TL0PICIDX stands.</param>
/// <param name="Tl0">TL0PICIDX: one more for each frame of temporal layer 0, 8 bits.</param>
/// <param name="KeyIndexOffset">Where KEYIDX stands (VP8 only).</param>
/// <param name="KeyIndex">KEYIDX: one more for each keyframe, 5 bits.</param>
public readonly record struct PictureIds(
    byte PictureIdOffset, byte PictureIdBits, ushort PictureId, byte Tl0Offset, byte Tl0, byte KeyIndexOffset, byte KeyIndex)
{
    private const int LongBits = 15;
    private const int ShortBits = 7;

    /// <summary>A descriptor without any of them.</summary>
    public static PictureIds None => default;

    /// <summary>There is a picture id.</summary>
    public bool HasPictureId => PictureIdBits != 0;

    /// <summary>There is a TL0PICIDX.</summary>
    public bool HasTl0 => Tl0Offset != 0;

    /// <summary>There is a KEYIDX.</summary>
    public bool HasKeyIndex => KeyIndexOffset != 0;

    /// <summary>Writes the numbers back to where they stand. The field widths stay; higher bits are cut off.</summary>
    /// <param name="payload">The payload these were parsed from.</param>
    internal void Write(Span<byte> payload)
    {
        if (PictureIdBits == LongBits)
        {
            payload[PictureIdOffset] = (byte)(0x80 | PictureId >> 8);
            payload[PictureIdOffset + 1] = (byte)PictureId;
        }
        else if (PictureIdBits == ShortBits)
        {
            payload[PictureIdOffset] = (byte)(PictureId & 0x7f);
        }

        if (HasTl0)
        {
            payload[Tl0Offset] = Tl0;
        }

        if (HasKeyIndex)
        {
            ref var field = ref payload[KeyIndexOffset];
            field = (byte)(field & 0xe0 | KeyIndex & 0x1f);
        }
    }

    internal static bool TryReadPictureId(ReadOnlySpan<byte> payload, ref int at, ref PictureIds ids)
    {
        if (at >= payload.Length) return false;
        var value = payload[at];
        var isLong = (value & 0x80) != 0;
        if (isLong && at + 1 >= payload.Length) return false;
        ids = ids with
        {
            PictureIdOffset = (byte)at,
            PictureIdBits = isLong ? (byte)LongBits : (byte)ShortBits,
            PictureId = isLong ? (ushort)((value & 0x7f) << 8 | payload[at + 1]) : value,
        };
        at += isLong ? 2 : 1;
        return true;
    }
}
