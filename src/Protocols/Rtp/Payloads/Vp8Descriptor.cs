namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>The VP8 payload descriptor before every VP8 RTP payload (RFC 7741 §4.2).</summary>
/// <param name="Length">Bytes of the descriptor; the VP8 data follows.</param>
/// <param name="StartsPartition">S: the first packet of a partition.</param>
/// <param name="PartitionIndex">PID; with S and 0 the packet starts a frame.</param>
/// <param name="IsNonReference">N: no other frame refers to this one.</param>
/// <param name="Ids">The numbers a forwarder rewrites, and where they stand.</param>
/// <param name="TemporalId">TID; 0 where absent.</param>
/// <param name="IsLayerSync">Y: refers to temporal layer 0 only, so a viewer may go up to this layer here.</param>
public readonly record struct Vp8Descriptor(
    int Length, bool StartsPartition, byte PartitionIndex, bool IsNonReference, PictureIds Ids, byte TemporalId, bool IsLayerSync)
{
    /// <summary>The packet starts a frame.</summary>
    public bool StartsFrame => StartsPartition && PartitionIndex == 0;

    /// <summary>Parses the front of a payload; false where it ends within the descriptor or carries nothing after it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var first = payload[0];
        var at = 1;
        var ids = PictureIds.None;
        byte temporal = 0;
        var sync = false;
        if ((first & 0x80) != 0)
        {
            if (at >= payload.Length) return false;
            var extension = payload[at++];
            if ((extension & 0x80) != 0 && !PictureIds.TryReadPictureId(payload, ref at, ref ids)) return false;
            if ((extension & 0x40) != 0)
            {
                if (at >= payload.Length) return false;
                ids = ids with { Tl0Offset = (byte)at, Tl0 = payload[at++] };
            }

            if ((extension & 0x30) != 0)
            {
                if (at >= payload.Length) return false;
                var value = payload[at];
                if ((extension & 0x20) != 0)
                {
                    temporal = (byte)(value >> 6);
                    sync = (value & 0x20) != 0;
                }

                if ((extension & 0x10) != 0)
                {
                    ids = ids with { KeyIndexOffset = (byte)at, KeyIndex = (byte)(value & 0x1f) };
                }

                at++;
            }
        }

        if (at >= payload.Length) return false;
        descriptor = new Vp8Descriptor(at, (first & 0x10) != 0, (byte)(first & 7), (first & 0x20) != 0, ids, temporal, sync);
        return true;
    }
}
