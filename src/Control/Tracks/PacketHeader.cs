using System.Runtime.InteropServices;

namespace Sluice.Control.Tracks;

/// <summary>What is known of a packet beyond its bytes.</summary>
[Flags]
public enum PacketFlags : byte
{
    None = 0,

    /// <summary>The RTP marker bit: the last packet of a picture, or the first of a talk spurt.</summary>
    Marker = 1,

    /// <summary>A picture that needs no other begins here; parameter sets that precede it count as its beginning.</summary>
    StartsKeyframe = 2,

    /// <summary>A picture begins here, as far as the codec's payload tells.</summary>
    StartsFrame = 4,
}

/// <summary>
/// The fixed part of one record in a <see cref="PacketLog"/>; the normalised header extensions and the RTP payload follow it in the page.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct PacketHeader
{
    /// <summary>Place in the log, set by <see cref="PacketLog.Append"/>.</summary>
    public long Index;

    /// <summary>The source's sequence number without wrap-around.</summary>
    public long Sequence;

    /// <summary>The source's media timestamp without wrap-around, in ticks of the track's clock.</summary>
    public long Timestamp;

    /// <summary>When the packet arrived, on the node's monotonic clock.</summary>
    public Protocols.Wire.Instant ArrivedAt;

    /// <summary>Bytes of RTP payload.</summary>
    public ushort PayloadLength;

    /// <summary>Bytes of normalised header extensions before the payload.</summary>
    public ushort ExtensionsLength;

    /// <summary>Which of the track's formats the payload has (<see cref="Track.FormatAt"/>).</summary>
    public byte FormatIndex;

    /// <summary>What is known of the packet.</summary>
    public PacketFlags Flags;

    /// <summary>Temporal layer, 0 where there are none.</summary>
    public byte TemporalId;

    /// <summary>Spatial layer, 0 where there are none.</summary>
    public byte SpatialId;

    public readonly bool Has(PacketFlags flag) => (Flags & flag) != 0;
}
