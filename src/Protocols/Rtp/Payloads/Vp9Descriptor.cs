using System.Buffers.Binary;
using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>The VP9 payload descriptor before every VP9 RTP payload (RFC 9628 §4.2).</summary>
/// <param name="Length">Bytes of the descriptor; the VP9 data follows.</param>
/// <param name="Ids">The numbers a forwarder rewrites, and where they stand.</param>
/// <param name="IsPredicted">P: the frame refers to earlier pictures.</param>
/// <param name="IsFlexible">F: the descriptor names the pictures the frame refers to.</param>
/// <param name="StartsFrame">B: the first packet of a layer frame.</param>
/// <param name="EndsFrame">E: the last packet of a layer frame.</param>
/// <param name="IsNotReferencedAbove">Z: no higher spatial layer of the picture refers to this frame.</param>
/// <param name="TemporalId">TID; 0 where absent.</param>
/// <param name="IsSwitchingUpPoint">U: a viewer may go up to this temporal layer here.</param>
/// <param name="SpatialId">SID; 0 where absent.</param>
/// <param name="IsInterLayerPredicted">D: the frame refers to the spatial layer below.</param>
/// <param name="SpatialLayers">N_S + 1 of the scalability structure; 0 where the packet carries none.</param>
/// <param name="Resolution">The size of the highest spatial layer that the scalability structure announces; else empty.</param>
public readonly record struct Vp9Descriptor(
    int Length,
    PictureIds Ids,
    bool IsPredicted,
    bool IsFlexible,
    bool StartsFrame,
    bool EndsFrame,
    bool IsNotReferencedAbove,
    byte TemporalId,
    bool IsSwitchingUpPoint,
    byte SpatialId,
    bool IsInterLayerPredicted,
    int SpatialLayers,
    Resolution Resolution)
{
    private const int MaxReferences = 3;

    /// <summary>The packet starts a picture at which decoding can begin: first packet of the lowest layer, referring to nothing earlier.</summary>
    public bool StartsKeyframe => StartsFrame && !IsPredicted && SpatialId == 0;

    /// <summary>Parses the front of a payload; false where it ends within the descriptor, carries nothing after it, or breaks the format.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var first = payload[0];
        var isPredicted = (first & 0x40) != 0;
        var isFlexible = (first & 0x10) != 0;
        var at = 1;
        var ids = PictureIds.None;
        if ((first & 0x80) != 0 && !PictureIds.TryReadPictureId(payload, ref at, ref ids)) return false;

        byte layer = 0;
        if ((first & 0x20) != 0)
        {
            if (at >= payload.Length) return false;
            layer = payload[at++];
            if (!isFlexible)
            {
                if (at >= payload.Length) return false;
                ids = ids with { Tl0Offset = (byte)at, Tl0 = payload[at++] };
            }
        }

        if (isFlexible && isPredicted && !TrySkipReferences(payload, ref at)) return false;
        var layers = 0;
        var resolution = default(Resolution);
        if ((first & 0x02) != 0 && !TryReadStructure(payload, ref at, out layers, out resolution)) return false;
        if (at >= payload.Length) return false;
        descriptor = new Vp9Descriptor(
            at,
            ids,
            isPredicted,
            isFlexible,
            (first & 0x08) != 0,
            (first & 0x04) != 0,
            (first & 0x01) != 0,
            (byte)(layer >> 5),
            (layer & 0x10) != 0,
            (byte)(layer >> 1 & 7),
            (layer & 1) != 0,
            layers,
            resolution);
        return true;
    }

    private static bool TrySkipReferences(ReadOnlySpan<byte> payload, ref int at)
    {
        for (var i = 0; i < MaxReferences; i++)
        {
            if (at >= payload.Length) return false;
            if ((payload[at++] & 1) == 0) return true; // no further P_DIFF
        }

        return false;
    }

    private static bool TryReadStructure(ReadOnlySpan<byte> payload, ref int at, out int layers, out Resolution resolution)
    {
        resolution = default;
        layers = 0;
        if (at >= payload.Length) return false;
        var flags = payload[at++];
        layers = (flags >> 5) + 1;
        if ((flags & 0x10) != 0)
        {
            if (payload.Length - at < layers * 4) return false;
            var last = payload.Slice(at + (layers - 1) * 4, 4);
            Resolution.TryCreate(BinaryPrimitives.ReadUInt16BigEndian(last), BinaryPrimitives.ReadUInt16BigEndian(last[2..]), out resolution);
            at += layers * 4;
        }

        if ((flags & 0x08) == 0) return true;
        if (at >= payload.Length) return false;
        var pictures = payload[at++];
        for (var i = 0; i < pictures; i++)
        {
            if (at >= payload.Length) return false;
            at += 1 + (payload[at] >> 2 & 3); // TID, U, R and then R references
        }

        return at <= payload.Length;
    }
}
